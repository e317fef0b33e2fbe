// `tollgate provider` and `tollgate send`: what an operator is told of every provider.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "providers/catalogue.hpp"
#include "providers/facts.hpp"
#include "shell.hpp"
#include "support/temporary_folder.hpp"

using namespace tollgate;
using Catch::Contains;
using Catch::StartsWith;
using test::ChildProcess;
using test::Ran;

namespace {

// Without a database or an operator.
Ran run(const std::vector<std::string>& arguments, const ChildProcess::Environment& environment = {}) {
    ChildProcess process{test::built("tollgate"), arguments, environment};
    const int code = process.wait();
    return {.code = code, .out = process.out(), .err = process.err()};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

bool has_line(const std::string& text, std::string_view begin, std::string_view end) {
    return std::ranges::any_of(lines_of(text), [&](const std::string& line) {
        return line.starts_with(begin) && line.ends_with(end);
    });
}

}  // namespace

TEST_CASE("every provider is listed, with its scheme and what it tolerates") {
    const Ran listed = run({"provider", "list"});
    CHECK(listed.code == 0);
    const Ran as_json = run({"provider", "list", "--json"});
    const auto objects = lines_of(as_json.out);
    REQUIRE(objects.size() == providers::all().size());
    CHECK(lines_of(listed.out).size() == objects.size() + 1);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const providers::Provider& provider = *providers::all()[i];
        INFO(provider.name);
        CHECK(has_line(listed.out, std::string{provider.name} + " ",
                       providers::fact(provider.name, "tolerance")));
        CHECK_THAT(listed.out, Contains(std::string{providers::fact(provider.name, "scheme")}));
        const auto object = boost::json::parse(objects[i]).as_object();
        CHECK(object.at("name").as_string() == provider.name);
        CHECK(object.at("set_up").as_array().size() == 5);
    }
}

TEST_CASE("of every provider each fact is shown, and five steps to connect it") {
    for (const providers::Provider* const provider : providers::all()) {
        INFO(provider->name);
        const Ran shown = run({"provider", "show", std::string{provider->name}});
        CHECK(shown.code == 0);
        CHECK_THAT(shown.out, StartsWith("provider") && Contains(std::string{provider->title}));
        for (const providers::Fact& fact : providers::facts_of(provider->name)) {
            INFO(fact.name);
            CHECK(has_line(shown.out, fact.name, fact.value));
        }
        const auto object =
            boost::json::parse(run({"provider", "show", std::string{provider->name}, "--json"}).out)
                .as_object();
        CHECK(object.at("title").as_string() == provider->title);
        CHECK(object.at("event_id").as_string() == providers::fact(provider->name, "event id"));
        CHECK(object.at("covered").as_string() == providers::fact(provider->name, "covered"));
    }
}

TEST_CASE("the commands in a provider's steps are commands as they stand") {
    std::set<std::string> commands;
    for (const providers::Provider* const provider : providers::all()) {
        for (const providers::Fact& fact : providers::facts_of(provider->name)) {
            INFO(provider->name << ": " << fact.value);
            // What is not quoted would not be tried.
            CHECK_FALSE((fact.name.size() == 1 && fact.value.contains(" tollgate source")));
            std::istringstream text{std::string{fact.value}};
            std::string part;
            for (bool quoted = false; std::getline(text, part, '`'); quoted = !quoted) {
                if (quoted) commands.insert(part);
            }
        }
    }
    CHECK(commands.size() > providers::all().size());
    const test::TemporaryFolder folder;
    const std::string secret = folder.path() / "secret";
    std::ofstream{secret} << "s3cr3t";
    std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
    for (const std::string& command : commands) {
        std::istringstream text{command};
        std::vector<std::string> words;
        // Nothing is typed here.
        for (std::string word; text >> word;) words.push_back(word == "-" ? secret : word);
        REQUIRE(words.front() == "tollgate");
        const Ran ran = run({words.begin() + 1, words.end()},
                            {{"TOLLGATE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"}});
        INFO(command << ": " << ran.err);
        CHECK(ran.code != 2);
    }
}

TEST_CASE("a provider that there is not is told with the one that was meant") {
    const Ran shown = run({"provider", "show", "paypall"});
    CHECK(shown.code == 3);
    CHECK(shown.out.empty());
    CHECK_THAT(shown.err, Contains("paypal") && Contains("provider list"));
}

TEST_CASE("there is a sample of every provider to send, signed as it signs, or it is said why not") {
    const test::TemporaryFolder folder;
    const std::string file = folder.path() / "secret";
    const Ran all = run({"send"});
    for (const providers::Provider* const provider : providers::all()) {
        INFO(provider->name);
        const std::string name{provider->name};
        const std::string type{provider->samples.back().type};
        if (provider->why_not_sent.empty()) {
            for (const providers::Sample& sample : provider->samples)
                CHECK(has_line(all.out, name + " ", " " + std::string{sample.type}));
        } else {
            CHECK(has_line(all.out, name + " ", "  none: " + std::string{provider->why_not_sent}));
            CHECK_FALSE(has_line(all.out, name + " ", " " + type));
        }
        std::ofstream{file} << provider->make_secret().reveal();
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        std::vector<std::string> arguments{
            "send",          "--provider", name,     "--type", type,
            "--secret-file", file,         "--json", "--to",   "https://hooks.example.com/v1/in/acme/main",
            "--print"};
        if (name == "generic") arguments.insert(arguments.end(), {"--settings", R"({"id": "/id"})"});
        const Ran sent = run(arguments);
        if (!provider->why_not_sent.empty()) {
            CHECK(sent.code != 0);
            CHECK_THAT(sent.err, Contains(std::string{provider->why_not_sent}));
            continue;
        }
        CHECK(sent.code == 0);
        const auto request = boost::json::parse(sent.out).as_object();
        CHECK_FALSE(request.at("headers").as_object().empty());
        CHECK_FALSE(request.at("body").as_string().empty());
    }
}
