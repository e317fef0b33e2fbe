#include "delivery/handler.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "archive/payment_reading.hpp"
#include "consumer/erased.hpp"
#include "delivery/compose.hpp"
#include "delivery/erase.hpp"
#include "delivery/facts.hpp"
#include "delivery/layouts.hpp"
#include "delivery/planned.hpp"
#include "delivery/rule_rows.hpp"
#include "delivery/story.hpp"
#include "postgres/columns.hpp"
#include "providers/realm.hpp"

namespace tollgate::delivery {

namespace {

using consumer::Outcome;
using consumer::Reject;
using consumer::Task;

struct Read {
    const Task* task;
    v1::PaymentEvent event;
    std::optional<std::string> anew{};  // its bytes, if it is not as it came

    std::string_view value() const { return anew ? *anew : *task->message->value; }
};

struct Wanted {
    const Read* read;
    std::vector<const Rule*> rules;  // one of each destination that is told
};

Uuid tenant_of(const Read& read) {
    return read.task->message->tenant.value();
}

// A customer who was erased after an event had come is nobody in it, whether it comes late or is done over:
// as the operator's verb leaves those events that it finds. Before anything is kept of them. What has a
// customer's address is theirs here, though its payment may be another's, which enrichment alone can tell:
// then it is told without a name.
void forget_erased(postgres::Transaction& tx, std::span<Read> all) {
    const auto ids = postgres::column(all, [](const Read& read) { return read.task->id; });
    const auto pseudonyms = consumer::read_pseudonyms(tx, ids, [&](std::size_t i) {
        const Read& read = all[i];
        return consumer::naming_event(read.task->id, tenant_of(read), read.event,
                                      archive::indexed(providers::realm_of(read.event)));
    });
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (pseudonyms[i]) all[i].anew = without_person(all[i].event, *pseudonyms[i]);
    }
}

std::vector<Wanted> whom_to_tell(std::span<const Read> all,
                                 const std::map<DestinationKey, std::vector<Rule>>& rules) {
    std::vector<Wanted> wanted;
    for (const Read& read : all) {
        Wanted each{.read = &read, .rules = {}};
        const Uuid tenant = tenant_of(read);
        for (auto at = rules.lower_bound({tenant, Uuid{}}); at != rules.end() && at->first.first == tenant;
             ++at) {
            const Rule* const rule = first_fit(at->second, read.event);
            if (rule != nullptr && rule->way != Way::nothing) each.rules.push_back(rule);
        }
        if (!each.rules.empty()) wanted.push_back(std::move(each));
    }
    return wanted;
}

FactTold told_by(const Wanted& wanted) {
    const v1::PaymentEvent& event = wanted.read->event;
    return {.tenant = tenant_of(*wanted.read),
            .provider = archive::indexed(event.provider()),
            .is_test = event.mode() == v1::MODE_TEST,
            .event = wanted.read->task->id,
            .fact = fact_of(event, wanted.read->task->id)};
}

Planned planned_for(const Wanted& wanted, const Rule& rule, const Uuid& fact) {
    const v1::PaymentEvent& event = wanted.read->event;
    const auto story = story_of(event);
    return {.tenant = rule.tenant,
            .destination = rule.destination,
            .event = wanted.read->task->id,
            .fact = fact,
            .way = rule.way,
            .hold_in_quiet = rule.hold_in_quiet,
            .why = rule.name,
            .layout = layout_of(event).name,
            .priority = static_cast<std::int32_t>(priority_of(event)),
            .mention = rule.mention,
            .story_kind = story ? story->kind : "",
            .story_id = story ? archive::indexed(story->id) : "",
            .replayed = wanted.read->task->cause != consumer::Cause::stream};
}

std::optional<std::chrono::milliseconds> plan(postgres::Transaction& tx, std::span<const Read> all) {
    const auto rules = read_rules(tx, postgres::column(all, tenant_of));
    const std::vector<Wanted> wanted = whom_to_tell(all, rules);
    if (wanted.empty()) return std::nullopt;
    const auto told = postgres::column(wanted, told_by);
    const std::vector<Uuid> facts = hold_facts(tx, told);
    std::vector<PlannedEvent> events;
    std::vector<Planned> planned;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        events.push_back({.tenant = told[i].tenant,
                          .event = told[i].event,
                          .fact = facts[i],
                          .at = told[i].fact.at,
                          .value = wanted[i].read->value()});
        for (const Rule* const rule : wanted[i].rules)
            planned.push_back(planned_for(wanted[i], *rule, facts[i]));
    }
    keep(tx, events);
    return put(tx, planned);
}

}  // namespace

std::vector<Outcome> PlanHandler::apply(postgres::Transaction& tx, std::span<const Task> batch) {
    std::vector<Outcome> outcomes(batch.size(), consumer::Done{});
    std::vector<Read> all;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto event = events::decode_payment_event(batch[i].message->value.value_or(""));
        if (event) {
            all.push_back({.task = &batch[i], .event = std::move(*event)});
        } else {
            outcomes[i] = Reject{event.error().detail};
        }
    }
    due_in_.reset();
    forget_erased(tx, all);
    if (!all.empty()) due_in_ = plan(tx, all);
    return outcomes;
}

void PlanHandler::committed() {
    if (expect_ && due_in_) expect_(std::chrono::steady_clock::now() + *due_in_);
    due_in_.reset();
}

}  // namespace tollgate::delivery
