#include "providers/normalise.hpp"

#include <utility>

#include "providers/fill.hpp"
#include "telemetry/text.hpp"

namespace tollgate::providers {

namespace {

using events::PaymentEvent;

v1::Mode mode_of(std::string_view stored) {
    if (stored == name(Mode::live)) return v1::MODE_LIVE;
    return stored == name(Mode::test) ? v1::MODE_TEST : v1::MODE_UNSPECIFIED;
}

v1::Proof proof_of(std::string_view stored) {
    if (stored == name(Proof::signature)) return v1::PROOF_SIGNATURE;
    if (stored == name(Proof::token)) return v1::PROOF_SHARED_TOKEN;
    if (stored == name(Proof::fetched)) return v1::PROOF_FETCHED;
    return stored == name(Proof::none) ? v1::PROOF_NONE : v1::PROOF_UNSPECIFIED;
}

// A message that was only looked at is no part of the event.
void drop_empty_messages(PaymentEvent& event) {
    const auto* const reflection = PaymentEvent::GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> set;
    reflection->ListFields(event, &set);
    for (const auto* const field : set) {
        if (field->is_repeated() || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
            continue;
        }
        if (reflection->GetMessage(event, field).ByteSizeLong() == 0) reflection->ClearField(&event, field);
    }
}

void carry_verbatim(const RawEvent& raw, PaymentEvent& event) {
    event.set_category(v1::CATEGORY_OTHER);
    auto& verbatim = *event.mutable_unrecognised();
    verbatim.set_content_type(raw.content_type.empty() ? "application/octet-stream"
                                                       : telemetry::valid_utf8(raw.content_type));
    verbatim.set_data(std::string{raw.body});
}

}  // namespace

Result<v1::PaymentEvent> read_nothing(const RawEvent& /*raw*/) {
    return v1::PaymentEvent{};
}

Result<PaymentEvent> normalise(const Provider& provider, const RawEvent& raw) {
    auto event = provider.normalise(raw);
    if (!event) return event;
    if (event->category() == v1::CATEGORY_UNSPECIFIED) carry_verbatim(raw, *event);
    event->set_provider(std::string{provider.name});
    event->set_provider_event_type(telemetry::valid_utf8(raw.type));
    event->set_provider_event_id(telemetry::valid_utf8(raw.event_id));
    event->set_account(telemetry::valid_utf8(raw.account));
    event->set_source(telemetry::valid_utf8(raw.source));
    event->set_ordering_key(telemetry::valid_utf8(raw.ordering_key));
    event->set_proof(proof_of(raw.proof));
    event->set_mode(mode_of(raw.mode));
    if (event->subject().id().empty()) {
        event->mutable_subject()->set_id(telemetry::valid_utf8(raw.subject));
    }
    if (!event->has_provider_time()) put(raw.time, *event, &PaymentEvent::mutable_provider_time);
    drop_empty_messages(*event);
    return event;
}

}  // namespace tollgate::providers
