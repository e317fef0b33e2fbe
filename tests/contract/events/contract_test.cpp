#include <algorithm>

#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.h>

#include "contract/events/golden.hpp"

using Catch::Matchers::Equals;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

namespace {

std::string line_of(const FieldDescriptor& field) {
    std::string_view type = field.type_name();
    if (field.message_type() != nullptr) type = field.message_type()->full_name();
    if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
    return fmt::format("{} = {} {}{}", field.full_name(), field.number(),
                       field.is_repeated() ? "repeated " : "", type);
}

void append_lines(const FileDescriptor& file, std::vector<std::string>& lines) {
    for (int i = 0; i < file.message_type_count(); ++i) {
        const Descriptor& message = *file.message_type(i);
        for (int j = 0; j < message.field_count(); ++j) lines.push_back(line_of(*message.field(j)));
    }
    for (int i = 0; i < file.enum_type_count(); ++i) {
        const EnumDescriptor& words = *file.enum_type(i);
        for (int j = 0; j < words.value_count(); ++j) {
            lines.push_back(fmt::format("{}.{} = {}", words.full_name(), words.value(j)->name(),
                                        words.value(j)->number()));
        }
    }
}

std::vector<std::string> contract() {
    std::vector<std::string> lines;
    append_lines(*tollgate::v1::PaymentEvent::descriptor()->file(), lines);
    append_lines(*google::protobuf::GetEnumDescriptor<tollgate::v1::Category>()->file(), lines);
    return lines;
}

// The lines of one that are not in the other.
std::string missing(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    std::string text;
    for (const std::string& line : one) {
        if (std::ranges::find(other, line) == other.end()) text += line + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("no field and no enumerator of version 1 was removed or changed") {
    CHECK_THAT(missing(tollgate::test::read_golden_lines("v1/contract.txt"), contract()), Equals(""));
}

TEST_CASE("every field and enumerator is written down so that it cannot change later") {
    CHECK_THAT(missing(contract(), tollgate::test::read_golden_lines("v1/contract.txt")), Equals(""));
}
