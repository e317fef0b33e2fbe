// The rows of Provider::samples, from the files that are built in.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers {

std::vector<Sample> samples_of(std::span<const SampleFile> files);
// For a provider that tells the type in a header.
std::vector<Sample> samples_of(std::span<const SampleFile> files, std::string_view type_header);

}  // namespace tollgate::providers
