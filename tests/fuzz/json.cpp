// Links: tollgate::providers
#include "providers/json.hpp"

#include "fuzz/provider_target.hpp"

using tollgate::providers::Json;
using tollgate::providers::JsonFields;
using tollgate::providers::fuzzing::must;

// Whatever is read as JSON reads the same when it is read from its own bytes, and each value lies in the
// text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto json = Json::parse(text);
    if (!json) return 0;
    const std::string canonical = json->canonical(json->root());
    const auto again = Json::parse(json->root().raw);
    must(again && again->canonical(again->root()) == canonical, "the root's bytes are the document");
    for (const Json::Value* one = json->child(json->root()); one != nullptr; one = json->next(*one)) {
        must(text.substr(one->offset, one->raw.size()) == one->raw, "a value is where it says");
        const bool nested = one->kind == Json::Kind::object || one->kind == Json::Kind::array;
        must(!nested || Json::parse(one->raw).has_value(), "what is in a document is one");
        if (one->kind == Json::Kind::string) static_cast<void>(Json::text_of(*one));
    }
    JsonFields fields{*json};
    for (const std::string_view pointer : {"", "/id", "/a~1b/0", "/0/1", "/data/object/id"}) {
        fields.label(pointer);
        fields.time(pointer);
        fields.required(pointer);
    }
    return 0;
}
