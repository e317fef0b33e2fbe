#include "delivery/speech.hpp"

#include <utility>

#include "delivery/compose.hpp"
#include "delivery/gathered.hpp"
#include "delivery/listed_events.hpp"
#include "delivery/story.hpp"

namespace tollgate::delivery {

namespace {

using tenants::DestinationKind;
using tenants::OpenDestination;

Circumstances circumstances_of(const Claimed& claimed, const OpenDestination& destination) {
    const auto& settings = destination.settings;
    return {.tone = static_cast<Tone>(settings.tone),
            .clock = claimed.clock,
            .email_addresses = static_cast<EmailAddresses>(settings.email_addresses),
            .event_id = claimed.told.front().id.text(),
            .why = "rule: " + claimed.why,
            .replayed = claimed.replayed,
            .may_be_repeat = claimed.may_be_repeat,
            .held_back = claimed.held_back};
}

// What is already said, where something can be added to it. A destination that was given another channel
// begins anew there: the one before may be gone.
const KnownStory* thread_of(const Claimed& claimed, const OpenDestination& destination) {
    const bool has_threads = destination.kind == DestinationKind::slack_bot;
    if (!has_threads || claimed.at_top || !claimed.story || claimed.story->ts.empty()) return nullptr;
    const bool is_there = claimed.story->channel == destination.settings.channel || claimed.kind == "update";
    return is_there ? &*claimed.story : nullptr;
}

// Once while it is so urgent: who was called follows the thread, or the channel where there are none. A story
// that has become urgent calls them too, and so does the card of a storm of what is less.
bool calls_somebody(const Claimed& claimed, const OpenDestination& destination, const KnownStory* thread,
                    const Said& said) {
    const auto priority = claimed.kind == "storm" ? said.message.priority : claimed.priority;
    if (priority != v1::PRIORITY_ACT_NOW) return false;
    const bool has_no_threads = destination.kind != DestinationKind::slack_bot;
    const KnownStory* const known = has_no_threads && claimed.story ? &*claimed.story : thread;
    if (known == nullptr) return true;
    return known->priority > v1::PRIORITY_ACT_NOW && (thread == nullptr || said.place.also_in_channel);
}

StoryTold told_now(const Claimed& claimed, const v1::PaymentEvent& event, const Message& message,
                   bool is_first) {
    return {.kind = claimed.story_kind,
            .id = claimed.story_id,
            .is_first = is_first,
            .began = message.headline,
            .priority = static_cast<std::int32_t>(message.priority),
            .happened = happened_at(event),
            .version = static_cast<std::int64_t>(event.provider_version() >> 1U)};
}

Said say_reply(const Claimed& claimed, const KnownStory& story, const v1::PaymentEvent& event,
               const Circumstances& circumstances) {
    FollowUp follow = follow_up({.began = story.began,
                                 .priority = static_cast<v1::Priority>(story.priority),
                                 .happened = story.happened,
                                 .version = static_cast<std::uint64_t>(story.version) << 1U},
                                event, circumstances);
    Said said{
        .message = std::move(follow.reply),
        .place = {
            .channel = story.channel, .thread_ts = story.ts, .also_in_channel = follow.also_in_channel}};
    said.story = told_now(claimed, event, said.message, false);
    said.story->changes_first = follow.parent.has_value() && !story.is_fixed;
    return said;
}

// The first message of a story, in the words of its latest.
Said say_update(const KnownStory& story, const v1::PaymentEvent& event, const Circumstances& circumstances) {
    FollowUp follow = follow_up({.began = story.began, .priority = static_cast<v1::Priority>(story.priority)},
                                event, circumstances);
    return {.message = std::move(follow.parent).value_or(std::move(follow.reply)),
            .place = {.channel = story.channel, .update_ts = story.ts}};
}

Said say_storm(const Claimed& claimed, const KnownStory* story, const Circumstances& circumstances) {
    const std::vector<v1::PaymentEvent> events = each_fact(claimed.told);
    Storm storm{.events = events,
                .usual = claimed.usual,
                .recovered = claimed.ends_storm ? claimed.recovered : 0,
                .over = claimed.ends_storm};
    if (claimed.facts > events.size()) {
        const EventList listed = without_tests(events);
        storm.totals = StormTotals{.count = claimed.facts,
                                   .looked_at = events.size(),
                                   .amounts = amounts_of(listed),
                                   .untold = untold_in(listed),
                                   .customers = customers_in(listed),
                                   .first = claimed.told.front().at,
                                   .last = claimed.told.back().at};
    }
    Said said{.message = compose_storm(storm, circumstances), .place = {}};
    if (story != nullptr) {
        said.place.channel = story->channel;
        (story->is_fixed ? said.place.thread_ts : said.place.update_ts) = story->ts;
    }
    said.story = told_now(claimed, events.back(), said.message, story == nullptr);
    return said;
}

Said say_message(const Claimed& claimed, const KnownStory* story, Circumstances circumstances) {
    if (claimed.kind == "digest") {
        return {.message = compose_digest(day_text(circumstances.clock.now, circumstances.clock),
                                          claimed.digest, circumstances),
                .place = {}};
    }
    if (claimed.kind == "quiet")
        return {.message = bundle_of(claimed.told, claimed.facts, circumstances), .place = {}};
    const v1::PaymentEvent event = each_fact(claimed.told).front();
    if (claimed.story_kind.empty()) return {.message = compose(event, circumstances), .place = {}};
    if (story != nullptr) return say_reply(claimed, *story, event, circumstances);
    if (claimed.story) circumstances.nth = static_cast<std::uint32_t>(claimed.story->told) + 1;
    Said said{.message = compose(event, circumstances), .place = {}};
    said.story = told_now(claimed, event, said.message, true);
    return said;
}

}  // namespace

Said say(const Claimed& claimed, const OpenDestination& destination) {
    const Circumstances circumstances = circumstances_of(claimed, destination);
    const KnownStory* const story = thread_of(claimed, destination);
    Said said;
    if (claimed.kind == "update" && story != nullptr) {
        said = say_update(*story, one_of_each(claimed.told).front(), circumstances);
    } else if (claimed.kind == "storm") {
        said = say_storm(claimed, story, circumstances);
    } else {
        said = say_message(claimed, story, circumstances);
    }
    if (calls_somebody(claimed, destination, story, said))
        said.place.user_group = claimed.mention.empty() ? destination.settings.user_group : claimed.mention;
    said.place.delivery_id = claimed.delivery.text();
    return said;
}

}  // namespace tollgate::delivery
