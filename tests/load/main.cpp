// tollgate-load NAME runs one benchmark. What the benchmark needs is started by tests/load/run, which says
// where in the environment.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <span>

#include "load/benchmarks.hpp"
#include "load/report.hpp"

namespace {

using namespace tollgate;

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing changes the environment
    return value == nullptr ? "" : value;
}

// A line for tests/load/run: name, needs with commas between, description; tabs between.
void print_list() {
    for (const load::Benchmark& benchmark : load::benchmarks()) {
        std::string needs;
        if (benchmark.needs.postgres) needs += "postgres,";
        if (benchmark.needs.kafka) needs += "kafka,";
        if (benchmark.needs.ingress) needs += "ingress,";
        if (benchmark.needs.relay) needs += "relay,";
        if (benchmark.needs.delivery) needs += "delivery,";
        if (benchmark.needs.product) needs += "product,";
        if (!needs.empty()) needs.pop_back();
        std::cout << benchmark.name << '\t' << needs << '\t' << benchmark.description << '\n';
    }
}

struct Arguments {
    std::string name;
    std::string json_file;
    load::Extent extent;
};

// Nothing if they are not understood.
std::optional<Arguments> parse(std::span<const std::string> words) {
    if (words.size() % 2 != 1) return std::nullopt;
    Arguments arguments{.name = words.front()};
    for (std::size_t i = 1; i < words.size(); i += 2) {
        const std::string& value = words[i + 1];
        if (words[i] == "--json") {
            arguments.json_file = value;
        } else if (words[i] == "--seconds") {
            arguments.extent.run = std::chrono::seconds{std::stol(value)};
        } else if (words[i] == "--rows") {
            arguments.extent.rows = std::stoul(value);
        } else {
            return std::nullopt;
        }
    }
    return arguments;
}

Result<load::Figures> run(const Arguments& arguments) {
    const std::string& name = arguments.name;
    const auto found = std::ranges::find(load::benchmarks(), name, &load::Benchmark::name);
    if (found == load::benchmarks().end()) {
        return fail(ErrorCode::not_found, "there is no benchmark \"{}\"; --list shows them", name);
    }
    const load::Surroundings surroundings{.database_url = environment("TOLLGATE_DATABASE_URL"),
                                          .service_database_url = environment("TOLLGATE_LOAD_SERVICE_URL"),
                                          .kafka_brokers = environment("TOLLGATE_KAFKA_BROKERS"),
                                          .extent = arguments.extent};
    if (found->needs.postgres && surroundings.database_url.empty()) {
        return fail(ErrorCode::misconfigured, "{} needs TOLLGATE_DATABASE_URL; tests/load/run sets it", name);
    }
    if (found->needs.kafka && surroundings.kafka_brokers.empty()) {
        return fail(ErrorCode::misconfigured, "{} needs TOLLGATE_KAFKA_BROKERS; tests/load/run sets it",
                    name);
    }
    return found->run(surroundings);
}

Result<void> write(const std::string& file, const std::string& text) {
    std::ofstream stream{file};
    stream << text << '\n';
    stream.close();
    if (!stream) return fail(ErrorCode::unavailable, "cannot write {}", file);
    return {};
}

int report(const Result<load::Figures>& figures, const std::string& json_file) {
    const auto written = !figures            ? Result<void>{std::unexpected{figures.error()}}
                         : json_file.empty() ? Result<void>{}
                                             : write(json_file, load::to_json(*figures));
    if (figures) std::cout << load::to_table(*figures);
    if (!written) {
        std::cerr << "tollgate-load: " << written.error().text() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char* argv[]) try {
    const std::vector<std::string> words{argv + 1, argv + argc};
    if (words == std::vector<std::string>{"--list"}) {
        print_list();
        return EXIT_SUCCESS;
    }
    const auto arguments = parse(words);
    if (!arguments) {
        std::cerr << "usage: tollgate-load NAME [--json FILE] [--seconds N] [--rows N] | --list\n";
        return EXIT_FAILURE;
    }
    return report(run(*arguments), arguments->json_file);
} catch (const std::exception& error) {
    std::cerr << "tollgate-load: " << error.what() << '\n';
    return EXIT_FAILURE;
}
