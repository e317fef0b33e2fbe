// `tollgate smoke`: whether an event goes all the way, from a signed request to the ledger.
#include <algorithm>
#include <chrono>

#include <boost/json/object.hpp>

#include "billing/ledger_reports.hpp"
#include "billing/payment_reports.hpp"
#include "consumer/event_story.hpp"
#include "core/pause.hpp"
#include "core/units.hpp"
#include "providers/fresh_sample.hpp"
#include "tollgate/billing_amount.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"
#include "tollgate/sample_sending.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

using consumer::EventState;
using consumer::EventStory;
using postgres::Transaction;
using std::chrono::steady_clock;
using tenants::Actor;

constexpr std::chrono::milliseconds look_every{250};
// A payment that is booked: without these two nothing reaches the ledger.
constexpr auto needed = std::to_array<std::string_view>({"enrichment", "billing"});

struct SmokeConfig : OperatorConfig {
    std::string to;
    std::string secret_file;
    std::string within = "60s";
};

class Smoke {
public:
    Smoke(const SmokeConfig& config, OperatorSession session, SampleSender sender, Secret secret,
          std::chrono::milliseconds within)
        : config_{config},
          session_{std::move(session)},
          sender_{std::move(sender)},
          secret_{std::move(secret)},
          end_{steady_clock::now() + within} {}

    // The event's id.
    Result<Uuid> send();
    Result<EventStory> follow(const Uuid& event);
    Result<billing::PaymentDetails> find_payment(const EventStory& story);
    Result<void> check_ledger();

private:
    bool may_wait() const { return steady_clock::now() + look_every < end_; }

    const SmokeConfig& config_;
    OperatorSession session_;
    SampleSender sender_;
    Secret secret_;
    steady_clock::time_point end_;
};

Result<Uuid> id_in(const http::ClientResponse& answer) {
    const auto id = answer.headers.get("Tollgate-Event-Id");
    if (answer.status == 200 && id) return Uuid::parse(*id);
    return fail(answer.status == 503 ? ErrorCode::unavailable : ErrorCode::refused,
                "ingress answered {}, not 200: {}", answer.status, answer.body.substr(0, 300));
}

// An ingress that is not there yet, or sheds load, is asked again: the rollout is just over.
Result<Uuid> Smoke::send() {
    const auto provider = find_provider("stripe");
    if (!provider) return std::unexpected{provider.error()};
    const auto sample = find_sample(**provider, "invoice.paid");
    if (!sample) return std::unexpected{sample.error()};
    for (;;) {
        providers::Sample addressed = **sample;
        addressed.url = config_.to;
        auto delivery = providers::deliver_fresh(**provider, "{}", secret_, addressed,
                                                 providers::About::a_new_one, SystemClock{}.now());
        if (!delivery) return std::unexpected{delivery.error()};
        const auto answer = sender_.post(std::move(*delivery), config_.to);
        auto id = answer ? id_in(*answer) : std::unexpected{answer.error().within("ingress")};
        if (id || id.error().code != ErrorCode::unavailable || !may_wait()) return id;
        pause(look_every, {});
    }
}

std::string summary(const std::vector<EventState>& states) {
    std::string text;
    for (const EventState& each : states) {
        text += fmt::format("{}{}: {}{}", text.empty() ? "" : ", ", each.consumer, each.state,
                            each.reason ? " (" + *each.reason + ")" : "");
    }
    return text.empty() ? "no consumer is registered" : text;
}

// It will not be done by waiting.
bool is_stuck(const EventState& state) {
    return state.state == "dead" || state.state == "held" || state.state == "withheld";
}

bool is_done(const std::vector<EventState>& states) {
    const auto done = [&](std::string_view name) {
        const auto found = std::ranges::find(states, name, &EventState::consumer);
        return found != states.end() && found->state == "done";
    };
    return std::ranges::all_of(needed, done) &&
           std::ranges::all_of(states, [](const EventState& each) { return each.state == "done"; });
}

Result<EventStory> Smoke::follow(const Uuid& event) {
    for (;;) {
        auto story = session_.run(
            [&](Transaction& tx, const Actor& actor) { return consumer::tell_story(tx, actor, event); });
        if (!story || is_done(story->consumers)) return story;
        const bool stuck = std::ranges::any_of(story->consumers, is_stuck);
        if (stuck || !may_wait()) {
            return fail(ErrorCode::unavailable, "event {} {}: {}; `tollgate event show {}` tells more", event,
                        stuck ? "does not go on" : "was not done in time", summary(story->consumers), event);
        }
        pause(look_every, {});
    }
}

Result<billing::PaymentDetails> Smoke::find_payment(const EventStory& story) {
    const std::string name = story.facts.event.subject.value_or("");
    auto payment = session_.run(
        [&](Transaction& tx, const Actor& actor) { return billing::show_payment(tx, actor, name); });
    if (!payment) return payment;
    if (payment->lines.empty())
        return fail(ErrorCode::internal, "of payment {} ({}) nothing is booked", payment->payment.id, name);
    return payment;
}

Result<void> Smoke::check_ledger() {
    const auto check = session_.run([&](Transaction& tx, const Actor& actor) {
        return billing::check_ledger(tx, actor, config_.tenant);
    });
    if (!check) return std::unexpected{check.error()};
    if (check->adds_up()) return {};
    return fail(ErrorCode::internal,
                "the ledger of tenant {0} does not add up: `tollgate ledger check --tenant {0}` tells where",
                config_.tenant);
}

Result<Smoke> prepare(const SmokeConfig& config) {
    if (config.to.empty() || config.tenant.empty() || config.secret_file.empty()) {
        return fail(ErrorCode::invalid,
                    "say which source, whose, and with which secret: --to URL --tenant T --secret-file FILE");
    }
    const auto within = parse_duration(config.within);
    if (!within) return std::unexpected{within.error().within("--within")};
    auto secret = read_secret_file(config.secret_file);
    if (!secret) return std::unexpected{secret.error()};
    auto session = OperatorSession::open(config);
    if (!session) return std::unexpected{session.error()};
    auto sender = SampleSender::make();
    if (!sender) return std::unexpected{sender.error()};
    return Smoke{config, std::move(*session), std::move(*sender), std::move(*secret), *within};
}

process::Exit smoke(const SmokeConfig& config) {
    const auto failed = [](const Error& error) { return process::report("tollgate smoke", error); };
    auto smoke = prepare(config);
    if (!smoke) return failed(smoke.error());
    const auto began = steady_clock::now();
    const auto event = smoke->send();
    if (!event) return failed(event.error());
    if (!config.json) fmt::print("accepted  event {}\n", *event);
    const auto story = smoke->follow(*event);
    if (!story) return failed(story.error());
    if (!config.json) fmt::print("done      {}\n", summary(story->consumers));
    const auto payment = smoke->find_payment(*story);
    if (!payment) return failed(payment.error());
    if (const auto checked = smoke->check_ledger(); !checked) return failed(checked.error());
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
    if (config.json) {
        print_json(boost::json::object{{"event_id", event->text()},
                                       {"payment_id", payment->payment.id.text()},
                                       {"entries", payment->lines.size()},
                                       {"milliseconds", took.count()}});
        return process::Exit::done;
    }
    fmt::print("booked    {} of payment {}, and the ledger adds up\nall of it took {}\n",
               amount_text(payment->payment.amount, payment->payment.currency), payment->payment.id,
               to_text(took));
    return process::Exit::done;
}

}  // namespace

std::vector<process::Command> smoke_commands() {
    return {operator_command<SmokeConfig>(
        "smoke", "Send a signed event to a source of Stripe's, and follow it to the ledger.",
        "For after a rollout, with a tenant of its own: it is a paid invoice, signed with the source's\n"
        "secret. Exit 0 when every consumer is done with it, it is booked, and the ledger adds up. An\n"
        "ingress that is not there yet is waited for.\n\n"
        "  tollgate smoke --tenant smoke --secret-file stripe.secret \\\n"
        "      --to http://127.0.0.1:8080/v1/in/smoke/stripe --within 60s",
        [](process::Settings& settings, SmokeConfig& config) {
            settings.add_option("to", config.to, "the source's URL");
            settings.add_option("secret-file", config.secret_file, "what it is signed with; - is stdin");
            settings.add_option("within", config.within, "how long all of it may take: 60s");
            config.declare_tenant(settings);
        },
        smoke)};
}

}  // namespace tollgate
