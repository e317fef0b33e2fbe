#include "golden.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>

#include "support/child_process.hpp"

namespace tollgate::providers::testing {

namespace {

bool writes_golden() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment.
    return std::getenv("TOLLGATE_WRITE_GOLDEN") != nullptr;
}

std::string text_of(const events::PaymentEvent& event) {
    google::protobuf::TextFormat::Printer printer;
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    CHECK(printer.PrintToString(event, &text));
    return text;
}

std::string read_file(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path} << text;
}

}  // namespace

void check_written(std::string_view name, const events::PaymentEvent& event) {
    const std::filesystem::path path{
        test::source_file(fmt::format("tests/unit/providers/golden/{}.txt", name))};
    CHECK(events::encode(event).has_value());
    if (writes_golden()) write_file(path, text_of(event));
    CHECK(text_of(event) == read_file(path));
}

}  // namespace tollgate::providers::testing
