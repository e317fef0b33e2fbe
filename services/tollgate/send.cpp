// `tollgate send`: what a provider would send, signed as it does: for trying sources, rules and consumers.
#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/ranges.h>

#include "core/pause.hpp"
#include "providers/catalogue.hpp"
#include "providers/fresh_sample.hpp"
#include "telemetry/text.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/sample_sending.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

using providers::Delivery;
using providers::Provider;
using providers::Sample;

constexpr std::size_t shown_of_answer_max = 300;

struct SendConfig {
    std::string provider;
    std::string type;
    std::string to;
    std::string secret_file;
    std::string settings;
    std::string count;
    std::string per_second;
    bool same = false;
    bool print = false;
    bool json = false;
};

// As the flags say.
struct Sending {
    const Provider* provider = nullptr;
    const Sample* sample = nullptr;
    std::string to;  // which some sign
    std::string settings;
    Secret secret;
    providers::About about = providers::About::a_new_one;
    std::int64_t count = 1;
    std::int64_t per_second = 10;

    Result<Delivery> next() const {
        Sample addressed = *sample;
        addressed.url = to;
        return providers::deliver_fresh(*provider, settings, secret, addressed, about, SystemClock{}.now());
    }
};

Result<Sending> read(const SendConfig& config) {
    Sending sending{.to = config.to, .settings = config.settings.empty() ? "{}" : config.settings};
    const auto provider = find_provider(config.provider);
    if (!provider) return std::unexpected{provider.error()};
    sending.provider = *provider;
    const auto sample = find_sample(**provider, config.type);
    if (!sample) return std::unexpected{sample.error()};
    sending.sample = *sample;
    if (config.secret_file.empty())
        return fail(ErrorCode::invalid, "say which secret to sign with: --secret-file FILE, or - for stdin");
    if (config.to.empty() && !config.print)
        return fail(ErrorCode::invalid,
                    "say where to: --to http://127.0.0.1:8080/v1/in/TENANT/SOURCE, or --print");
    auto secret = read_secret_file(config.secret_file);
    if (!secret) return std::unexpected{secret.error()};
    sending.secret = std::move(*secret);
    if (config.same) sending.about = providers::About::the_same;
    constexpr std::int64_t most = 1'000'000;
    const auto count = read_number<std::int64_t>("--count", config.count, 1, 1, most);
    if (!count) return std::unexpected{count.error()};
    const auto rate =
        read_number<std::int64_t>("--per-second", config.per_second, sending.per_second, 1, most);
    if (!rate) return std::unexpected{rate.error()};
    sending.count = *count;
    sending.per_second = *rate;
    return sending;
}

process::Exit list(const SendConfig& config) {
    std::vector<std::vector<std::string>> rows{{"PROVIDER", "TYPE"}};
    for (const Provider* provider : providers::all()) {
        if (!config.provider.empty() && provider->name != config.provider) continue;
        if (!provider->why_not_sent.empty()) {
            if (config.json)
                print_json(
                    boost::json::object{{"provider", provider->name}, {"why_not", provider->why_not_sent}});
            rows.push_back({std::string{provider->name}, fmt::format("none: {}", provider->why_not_sent)});
            continue;
        }
        for (const Sample& sample : provider->samples) {
            if (config.json)
                print_json(boost::json::object{{"provider", provider->name}, {"type", sample.type}});
            rows.push_back({std::string{provider->name}, std::string{sample.type}});
        }
    }
    if (!config.json) print_table(rows);
    return process::Exit::done;
}

// A line that a shell takes as it stands.
std::string curl_line(const Delivery& delivery, const std::string& to) {
    const auto quoted = [](std::string_view text) {
        std::string made = "'";
        for (const char c : text) made += c == '\'' ? std::string{"'\\''"} : std::string{c};
        return made + "'";
    };
    std::string line = "curl --data-binary " + quoted(delivery.body);
    for (const http::HeaderField field : delivery.headers)
        line += " \\\n    -H " + quoted(fmt::format("{}: {}", field.name, field.value));
    return line + " \\\n    " + quoted(to.empty() ? "http://127.0.0.1:8080/v1/in/TENANT/SOURCE" : to);
}

process::Exit print_requests(const Sending& sending, const SendConfig& config) {
    for (std::int64_t i = 0; i < sending.count; ++i) {
        const auto delivery = sending.next();
        if (!delivery) return process::report("tollgate send", delivery.error());
        if (!config.json) {
            fmt::print("{}\n", curl_line(*delivery, config.to));
            continue;
        }
        boost::json::object headers;
        for (const http::HeaderField field : delivery->headers) headers[field.name] = field.value;
        print_json(boost::json::object{{"headers", std::move(headers)}, {"body", delivery->body}});
    }
    return process::Exit::done;
}

void print_answer(const http::ClientResponse& answer, bool json) {
    if (json) {
        print_json(boost::json::object{{"status", answer.status}, {"body", answer.body}});
        return;
    }
    fmt::print("{}  {}\n", answer.status, telemetry::printable(answer.body.substr(0, shown_of_answer_max)));
}

process::Exit send_all(const Sending& sending, const SendConfig& config) {
    const auto sender = SampleSender::make();
    if (!sender) return process::report("tollgate send", sender.error());
    const auto began = std::chrono::steady_clock::now();
    process::Exit exit = process::Exit::done;
    for (std::int64_t i = 0; i < sending.count; ++i) {
        const auto due = began + std::chrono::nanoseconds{std::chrono::seconds{i}} / sending.per_second;
        if (const auto left = due - std::chrono::steady_clock::now(); left.count() > 0) pause(left, {});
        auto delivery = sending.next();
        if (!delivery) return process::report("tollgate send", delivery.error());
        const auto answer = sender->post(std::move(*delivery), config.to);
        if (!answer) return process::report("tollgate send", answer.error());
        print_answer(*answer, config.json);
        constexpr int unavailable = 503;
        if (answer->status == unavailable) {
            exit = process::Exit::unavailable;
        } else if (answer->status / 100 != 2) {
            exit = process::Exit::failed;
        }
    }
    return exit;
}

// Who says how, or where to, means to send: to list what there is would look as if it had been done.
Result<void> says_what(const SendConfig& config) {
    const std::array<std::pair<std::string_view, bool>, 8> how{
        {{"--type", !config.type.empty()},
         {"--to", !config.to.empty()},
         {"--secret-file", !config.secret_file.empty()},
         {"--settings", !config.settings.empty()},
         {"--count", !config.count.empty()},
         {"--per-second", !config.per_second.empty()},
         {"--same", config.same},
         {"--print", config.print}}};
    const auto* const given = std::ranges::find(how, true, &std::pair<std::string_view, bool>::second);
    if (given == how.end()) return {};
    std::vector<std::string_view> missing;
    if (config.provider.empty()) missing.emplace_back("--provider");
    if (config.type.empty()) missing.emplace_back("--type");
    if (missing.empty()) return {};
    return fail(ErrorCode::invalid,
                "nothing is sent: {} is given, and {} {} missing; `tollgate send` alone lists what there is",
                given->first, fmt::join(missing, " and "), missing.size() == 1 ? "is" : "are");
}

process::Exit send(const SendConfig& config) {
    if (const auto said = says_what(config); !said) return process::report("tollgate send", said.error());
    if (config.provider.empty()) return list(config);
    if (config.type.empty()) {
        if (const auto provider = find_provider(config.provider); !provider)
            return process::report("tollgate send", provider.error());
        return list(config);
    }
    const auto sending = read(config);
    if (!sending) return process::report("tollgate send", sending.error());
    return config.print ? print_requests(*sending, config) : send_all(*sending, config);
}

}  // namespace

process::Command send_command() {
    return {
        .words = "send",
        .summary = "Send a signed sample of a provider's event to a source.",
        .details =
            "Each is an event of its own, of now, and about another payment or subscription; with --same "
            "about\n"
            "the one that the sample names. Alone, or with a provider, it lists what there is. Needs no "
            "operator.\n\n"
            "  tollgate send --provider stripe\n"
            "  tollgate send --provider stripe --type invoice.payment_failed --secret-file stripe.secret \\\n"
            "      --to http://127.0.0.1:8080/v1/in/acme/stripe\n"
            "  tollgate send --provider shopify --type orders/paid --secret-file shop.secret --print",
        .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
            auto config = std::make_shared<SendConfig>();
            settings.add_option("provider", config->provider, "whose event");
            settings.suggest(names_of_providers());
            settings.add_option("type", config->type, "by the provider's name");
            settings.suggest([config](std::string_view) { return types_of(config->provider); });
            settings.add_option("to", config->to, "the source's URL");
            settings.add_option("secret-file", config->secret_file, "what it is signed with; - is stdin");
            settings.add_option("settings", config->settings, "the source's, where it has any: JSON");
            settings.add_option("count", config->count, "how many: 1");
            settings.add_option("per-second", config->per_second, "how fast: 10");
            settings.add_flag("same", config->same, "all about the same payment or subscription");
            settings.add_flag("print", config->print, "print a line for curl, and send nothing");
            settings.add_flag("json", config->json, "print JSON, one object a line");
            return [config] { return send(*config); };
        }};
}

}  // namespace tollgate
