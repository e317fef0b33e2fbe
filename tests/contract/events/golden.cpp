#include "contract/events/golden.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include <fmt/ranges.h>
#include <google/protobuf/text_format.h>

namespace tollgate::test {

namespace {

using Lines = std::vector<std::string>;

// The build folder lies inside the checkout, so the sources are found from where this program is.
std::filesystem::path golden_folder() {
    for (auto folder = std::filesystem::read_symlink("/proc/self/exe"); folder.has_relative_path();
         folder = folder.parent_path()) {
        auto golden = folder.parent_path() / "tests/contract/events/golden";
        if (std::filesystem::is_directory(golden)) return golden;
    }
    throw std::runtime_error{"no folder above this program has tests/contract/events/golden"};
}

// Section's name to its lines.
std::map<std::string, Lines> sections_of(const Lines& lines) {
    std::map<std::string, Lines> sections;
    Lines* current = nullptr;
    for (const std::string& line : lines) {
        if (line.starts_with('[') && line.ends_with(']')) {
            current = &sections[line.substr(1, line.size() - 2)];
        } else if (current != nullptr) {
            current->push_back(line);
        } else {
            throw std::runtime_error{"\"" + line + "\" stands before the first section"};
        }
    }
    return sections;
}

events::Header header_of(const std::string& line) {
    const auto blank = line.find(' ');
    if (blank == std::string::npos) throw std::runtime_error{"\"" + line + "\" is no header"};
    return {line.substr(0, blank), line.substr(blank + 1)};
}

std::string from_hex(const std::string& line) {
    std::istringstream words{line};
    std::string bytes;
    for (std::string word; words >> word;) bytes.push_back(static_cast<char>(std::stoi(word, nullptr, 16)));
    return bytes;
}

}  // namespace

GoldenRecord read_golden(const std::string& file) {
    auto sections = sections_of(read_golden_lines(file));
    GoldenRecord record;
    record.key = sections.at("key").at(0);
    for (const std::string& line : sections.at("headers")) record.headers.push_back(header_of(line));
    for (const std::string& line : sections["text"]) record.value += line + "\n";
    for (const std::string& line : sections["bytes"]) record.value += from_hex(line);
    const std::string payment = fmt::format("{}", fmt::join(sections["payment"], "\n"));
    if (!google::protobuf::TextFormat::ParseFromString(payment, &record.payment)) {
        throw std::runtime_error{file + " has no tollgate.v1.PaymentEvent in its section [payment]"};
    }
    return record;
}

std::vector<std::string> read_golden_lines(const std::string& file) {
    const auto path = golden_folder() / file;
    std::ifstream text{path, std::ios::binary};
    if (!text) throw std::runtime_error{"cannot read " + path.string()};
    Lines lines;
    for (std::string line; std::getline(text, line);) {
        if (!line.starts_with('#')) lines.push_back(line);
    }
    return lines;
}

}  // namespace tollgate::test
