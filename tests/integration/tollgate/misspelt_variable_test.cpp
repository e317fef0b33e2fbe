// A variable of the environment that is none of a program's settings, but for a slip.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "support/child_process.hpp"

using namespace tollgate;
using test::ChildProcess;

namespace {

struct Program {
    std::string name;
    std::vector<std::string> arguments;

    // What it says before it gives up for want of a database.
    std::string told(const ChildProcess::Environment& environment) const {
        ChildProcess process{test::built(name), arguments, environment};
        CHECK(process.wait() == 2);
        return process.err();
    }
};

const std::vector<Program> programs{{"tollgate", {"up"}},        {"tollgate", {"migrate"}},
                                    {"tollgate", {"doctor"}},    {"tollgate", {"tenant", "list"}},
                                    {"tollgate-ingress", {}},    {"tollgate-relay", {}},
                                    {"tollgate-enrichment", {}}, {"tollgate-billing", {}},
                                    {"tollgate-delivery", {}}};

void take_variables(const std::string& text, std::set<std::string>& variables) {
    static const std::regex variable{"TOLLGATE_[A-Z0-9_]+"};
    for (std::sregex_iterator each{text.begin(), text.end(), variable}, end; each != end; ++each)
        variables.insert(each->str());
}

// All that any program reads, and all that the manifests, the compose files and the scripts speak of.
std::set<std::string> all_variables() {
    std::set<std::string> variables;
    for (const Program& program : programs) {
        auto arguments = program.arguments;
        arguments.emplace_back("--help");
        ChildProcess help{test::built(program.name), arguments};
        REQUIRE(help.wait() == 0);
        take_variables(help.out(), variables);
    }
    for (const char* const folder : {"k8s", "deploy", "tests/runner"}) {
        for (const auto& file : std::filesystem::recursive_directory_iterator{test::source_file(folder)}) {
            if (!file.is_regular_file() || file.file_size() > 1'000'000) continue;
            std::stringstream text;
            text << std::ifstream{file.path()}.rdbuf();
            take_variables(text.str(), variables);
        }
    }
    return variables;
}

}  // namespace

TEST_CASE("a misspelt variable is told of with what was meant, and the program goes on") {
    const Program ingress{"tollgate-ingress", {}};
    CHECK_THAT(
        ingress.told({{"TOLLGATE_HTP_PORT", "9"}}),
        Catch::StartsWith("tollgate-ingress: TOLLGATE_HTP_PORT is no setting, and changes nothing: did "
                          "you mean TOLLGATE_HTTP_PORT?\n") &&
            Catch::Contains("database.url is not set"));
    CHECK_THAT(ingress.told({{"TOLLGATE_DATABSE_URL_FILE", "/x"}}),
               Catch::Contains("did you mean TOLLGATE_DATABASE_URL_FILE?"));
    CHECK_THAT(Program({"tollgate", {"up"}}).told({{"TOLLGATE_KAFKA_BROKER", "x:1"}}),
               Catch::Contains("did you mean TOLLGATE_KAFKA_BROKERS?"));
    CHECK_THAT(ingress.told({{"TOLGATE_HTTP_PORT", "9"}, {"TOLLGATE_SOMETHING", "x"}}),
               !Catch::Contains("did you mean"));
}

TEST_CASE("no variable of another program, a manifest or a script is taken for a misspelt one") {
    const auto variables = all_variables();
    REQUIRE(variables.contains("TOLLGATE_HTTP_PORT"));
    REQUIRE(variables.contains("TOLLGATE_TEST_POSTGRES"));
    ChildProcess::Environment environment;
    for (const std::string& variable : variables) environment[variable] = "";
    for (const Program& program : programs) {
        CAPTURE(program.name, program.arguments);
        CHECK_THAT(program.told(environment), !Catch::Contains("is no setting"));
    }
}
