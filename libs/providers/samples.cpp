#include "providers/samples.hpp"

namespace tollgate::providers {

std::vector<Sample> samples_of(std::span<const SampleFile> files) {
    std::vector<Sample> samples;
    for (const SampleFile& file : files) samples.push_back({.type = file.type, .body = file.body});
    return samples;
}

std::vector<Sample> samples_of(std::span<const SampleFile> files, std::string_view type_header) {
    std::vector<Sample> samples = samples_of(files);
    for (Sample& sample : samples) sample.headers.add(type_header, sample.type);
    return samples;
}

}  // namespace tollgate::providers
