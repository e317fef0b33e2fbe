// A sample body as it lies in the provider's folder samples/, built in.
#pragma once

#include <string_view>

namespace tollgate::providers {

struct SampleFile {
    std::string_view type;  // the file's path in that folder, without its ending: "orders/paid"
    std::string_view body;
};

}  // namespace tollgate::providers
