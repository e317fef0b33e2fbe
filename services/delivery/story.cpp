#include "delivery/story.hpp"

#include "delivery/compose.hpp"
#include "delivery/layouts.hpp"
#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

// An older state never overwrites a newer one; equal times are settled by the provider's version.
bool is_older(const v1::PaymentEvent& event, const StoryState& state) {
    const auto happened = happened_at(event);
    if (!happened || !state.happened) return false;
    if (*happened != *state.happened) return *happened < *state.happened;
    return event.provider_version() < state.version;
}

// Good news is told to all only where they were worried before.
bool is_for_all(const Layout& layout, const StoryState& state, v1::Priority priority) {
    if (priority < state.priority || layout.story == Story::ends_badly) return true;
    return layout.story == Story::ends_well && state.priority <= v1::PRIORITY_TODAY;
}

}  // namespace

std::optional<StoryKey> story_of(const v1::PaymentEvent& event) {
    const auto& references = event.references();
    const auto& subject = event.subject();
    const auto named = [&](const std::string& reference, v1::SubjectKind kind) {
        return reference.empty() && subject.kind() == kind ? subject.id() : reference;
    };
    if (auto id = named(references.dispute_id(), v1::SUBJECT_KIND_DISPUTE); !id.empty()) {
        return StoryKey{.kind = "dispute", .id = std::move(id)};
    }
    if (auto id = named(references.subscription_id(), v1::SUBJECT_KIND_SUBSCRIPTION); !id.empty()) {
        return StoryKey{.kind = "subscription", .id = std::move(id)};
    }
    if (auto id = named(references.invoice_id(), v1::SUBJECT_KIND_INVOICE); !id.empty()) {
        return StoryKey{.kind = "invoice", .id = std::move(id)};
    }
    if (auto id = named(references.payment_id(), v1::SUBJECT_KIND_PAYMENT); !id.empty()) {
        return StoryKey{.kind = "payment", .id = std::move(id)};
    }
    return std::nullopt;
}

FollowUp follow_up(const StoryState& state, const v1::PaymentEvent& event,
                   const Circumstances& circumstances) {
    const Layout& layout = layout_of(event);
    FollowUp follow{.parent = std::nullopt, .reply = compose(event, circumstances)};
    Message parent = follow.reply;
    // The parent tells them already.
    follow.reply.history.clear();
    follow.reply.logo.reset();
    if (is_older(event, state)) {
        follow.reply.marks.insert(follow.reply.marks.begin(), "This happened before what is said above.");
        return follow;
    }
    follow.ends = layout.story != Story::goes_on;
    follow.also_in_channel = is_for_all(layout, state, priority_of(event));
    const std::string began = quoted(state.began, headline_units_max);
    if (!began.empty() && began != parent.headline)
        parent.marks.insert(parent.marks.begin(), "Began with: " + began + ".");
    if (follow.ends) {
        parent.advice.clear();
        parent.buttons.clear();
    }
    follow.parent = std::move(parent);
    return follow;
}

}  // namespace tollgate::delivery
