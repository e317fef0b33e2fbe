#include <algorithm>
#include <regex>
#include <sstream>

#include <catch2/catch.hpp>

#include "support/child_process.hpp"
#include "support/database.hpp"

using namespace tollgate;
using test::ChildProcess;

namespace {

struct Ran {
    int code;
    std::string out;
    std::string err;
};

Ran tollgate_with(const std::vector<std::string>& arguments,
                  const ChildProcess::Environment& environment = {}) {
    ChildProcess process{test::built("tollgate"), arguments, environment};
    const int code = process.wait();
    return {.code = code, .out = process.out(), .err = process.err()};
}

std::vector<std::string> split_at(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

std::vector<std::string> lines(const std::string& text) {
    return split_at(text, '\n');
}

std::vector<std::string> split(const std::string& words) {
    return split_at(words, ' ');
}

// An indented line that types it; those of flags begin with one.
bool has_example(const std::string& help, const std::string& words) {
    return std::ranges::any_of(lines(help), [&](const std::string& line) {
        return line.starts_with("  ") && !line.starts_with("  -") && line.contains("tollgate " + words);
    });
}

// As its list, or else its own help, names them.
std::vector<std::string> commands_of(const std::string& noun) {
    const std::string help = tollgate_with({noun, "--help"}).out;
    std::vector<std::string> commands;
    if (help.starts_with("Usage: tollgate " + noun + " [FLAG]")) commands.push_back(noun);
    const std::regex named{"^  (" + noun + "(?: [a-z]+)+)  .*"};
    for (const std::string& line : lines(help)) {
        if (std::smatch found; std::regex_match(line, found, named)) commands.push_back(found[1]);
    }
    return commands;
}

}  // namespace

TEST_CASE("wrong usage is one line on stderr and exit code 2") {
    struct Example {
        std::vector<std::string> arguments;
        std::string told;
    };
    for (const auto& [arguments, told] : std::vector<Example>{
             {{"migrat"}, "tollgate: unknown command \"migrat\": did you mean migrate?; --help lists them\n"},
             {{"evnt", "list"},
              "tollgate: unknown command \"evnt list\": did you mean event list?; --help lists them\n"},
             {{"evnt"}, "tollgate: unknown command \"evnt\": did you mean event?; --help lists them\n"},
             {{"event", "shwo"},
              "tollgate: unknown command \"event shwo\": did you mean show?; event takes body, list, show\n"},
             {{"operator", "shwo"},
              "tollgate: unknown command \"operator shwo\"; operator takes add, list, retire\n"},
             {{"source", "secret", "ad", "shop"},
              "tollgate: unknown command \"source secret ad\": did you mean add?; source secret takes add, "
              "list, retire\n"},
             {{"audit", "acept"},
              "tollgate: unknown command \"audit acept\": did you mean accept?; audit takes accept, log\n"},
             {{"subscription", "list", "--status", "activ"},
              "tollgate: --status: \"activ\" is none of trialing, active, past_due, unpaid, paused, "
              "cancelled, "
              "incomplete: did you mean active?\n"},
             {{"migrate", "--jsn"},
              "tollgate: unknown flag --jsn: did you mean --json?; --help lists them\n"},
             {{"migrate", "now"}, "tollgate: unexpected argument \"now\"; --help shows the usage\n"},
             {{"migrate"},
              "tollgate: database.url is not set: give it in TOLLGATE_DATABASE_URL, or in a file named by "
              "TOLLGATE_DATABASE_URL_FILE\n"},
         }) {
        const Ran ran = tollgate_with(arguments);
        CHECK(ran.code == 2);
        CHECK(ran.err == told);
        CHECK(ran.out.empty());
    }
    CHECK(tollgate_with({}).code == 2);
}

TEST_CASE("help and version go to stdout and succeed") {
    CHECK_THAT(tollgate_with({"--help"}).out, Catch::Contains("migrate") && Catch::Contains("up") &&
                                                  Catch::Contains("Exit codes: 0 done, 1 failed"));
    const Ran migrate = tollgate_with({"migrate", "--help"});
    CHECK_THAT(migrate.out, Catch::Contains("--grant-to"));
    CHECK(tollgate_with({"help", "migrate"}).out == migrate.out);
    CHECK(tollgate_with({"help"}).out == tollgate_with({"--help"}).out);
    CHECK(tollgate_with({"help", "source"}).out == tollgate_with({"source", "--help"}).out);
    CHECK(tollgate_with({"help", "source", "secret", "add"}).out ==
          tollgate_with({"source", "secret", "add", "--help"}).out);
    const Ran unknown = tollgate_with({"help", "migrat"});
    CHECK(unknown.code == 2);
    CHECK_THAT(unknown.err, Catch::Contains("did you mean migrate?"));
    CHECK_THAT(tollgate_with({"--version"}).out, Catch::StartsWith("tollgate 0."));
}

TEST_CASE("a noun alone lists its verbs, and each command shows how it is typed") {
    const Ran noun = tollgate_with({"source"});
    CHECK(noun.code == 2);
    CHECK_THAT(noun.err, Catch::Contains("source secret add") && !Catch::Contains("tenant create"));
    CHECK(tollgate_with({"source", "--help"}).out == noun.err);
    CHECK_THAT(tollgate_with({"audit", "--help"}).out, Catch::Contains("See also:") &&
                                                           Catch::Contains("\n  audit accept ") &&
                                                           Catch::Contains("\n  audit log "));

    const std::string list = tollgate_with({"--help"}).out;
    std::size_t commands = 0;
    for (const std::string& noun_of_list : lines(tollgate_with({"__complete", ""}).out)) {
        CAPTURE(noun_of_list);
        CHECK_THAT(list, Catch::Contains("\n  " + noun_of_list + " "));
        for (const std::string& words : commands_of(noun_of_list)) {
            CAPTURE(words);
            std::vector<std::string> asked = split(words);
            asked.emplace_back("--help");
            CHECK(has_example(tollgate_with(asked).out, words));
            ++commands;
        }
    }
    CHECK(commands > 80);
}

TEST_CASE("a shell is offered commands, then flags, then what they take") {
    const auto offered = [](std::vector<std::string> words) {
        words.insert(words.begin(), "__complete");
        return lines(tollgate_with(words).out);
    };
    using Words = std::vector<std::string>;
    CHECK(offered({"te"}) == Words{"tenant"});
    CHECK(offered({"source", "se"}) == Words{"secret", "set"});
    CHECK(offered({"source", "secret", ""}) == Words{"add", "list", "retire"});
    CHECK(offered({"migrate", "--gr"}) == Words{"--grant-to"});
    CHECK(offered({"migrate", "--database-u"}) == Words{"--database-url-file"});
    CHECK(offered({"bus", "k"}) == Words{"kafka"});
    CHECK(offered({"send", "--provider", "strip"}) == Words{"stripe"});
    CHECK(offered({"send", "--provider", "shopify", "--type", "orders/p"}) == Words{"orders/paid"});
    CHECK(offered({"delivery", "list", "--state", "de"}) == Words{"dead", "delivered"});
    CHECK(offered({"dead-letter", "list", "--state", "di"}) == Words{"discarded"});
    CHECK(offered({"migrate", "--bus", "k"}) == Words{"kafka"});
    CHECK(offered({"migrate", "--grant-to", "ann,bob=billing+de"}) == Words{"ann,bob=billing+delivery"});
    CHECK(offered({"migrate", "--grant-to", "bob=billing,an"}).empty());
    CHECK(offered({"dead-letter", "replay", "--consumer", ""}) ==
          Words{"billing", "delivery", "enrichment", "relay"});
    CHECK(offered({"redo", "--consumer", "b"}) == Words{"billing"});
    CHECK(offered({"up", "--bus-use=k"}) == Words{"--bus-use=kafka"});
    CHECK(offered({"up", "--bus-use=kafka", "--bus-u"}).empty());
    CHECK(offered({"migrate", "--json="}).empty());
    CHECK(offered({"help", "source", "se"}) == Words{"secret", "set"});
    CHECK(offered({"help", "migrate", "--"}).empty());
    // What was said already is not offered again.
    CHECK(offered({"send", "--provider", "stripe", "--pro"}).empty());
    CHECK(offered({"nothing", "of", ""}).empty());
    CHECK(offered({}).empty());
}

TEST_CASE("bash, zsh and fish get a script that asks the program itself") {
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const Ran ran = tollgate_with({"completion", shell});
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out, Catch::Contains("__complete") && Catch::Contains("tollgate") &&
                                !Catch::Contains("PROGRAM"));
    }
    CHECK_THAT(tollgate_with({"completion", "csh"}).err, Catch::Contains("bash, zsh or fish"));

    // As a person at a bash would: the word is completed by the real shell, to which = is a word.
    const std::string script = tollgate_with({"completion", "bash"}).out;
    const auto completed = [&](const std::string& words) {
        ChildProcess bash{"/bin/bash",
                          {"-c", script + "COMP_WORDS=(" + test::built("tollgate") + " " + words +
                                     "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tollgate; "
                                     "echo \"${COMPREPLY[@]}\""}};
        CHECK(bash.wait() == 0);
        return bash.out();
    };
    CHECK(completed("dead-letter gr") == "groups\n");
    CHECK(completed("up --bus-use = k") == "kafka\n");
    CHECK(completed("up --bus-use =") == "journal kafka unchanged\n");
    CHECK(completed("send --provider = shopify --type = orders/p") == "orders/paid\n");
    CHECK(completed("migrate --grant-to bob = billing+de") == "billing+delivery\n");
    CHECK(completed("migrate --grant-to bob = billing --bus j") == "journal\n");
}

TEST_CASE("migrate prints what it did and a second run has nothing to do") {
    const test::Database database;
    const ChildProcess::Environment owner{{"TOLLGATE_DATABASE_URL", database.owner().url.reveal()}};
    const Ran first = tollgate_with({"migrate"}, owner);
    CHECK(first.code == 0);
    CHECK_THAT(first.out, Catch::Contains("applying tollgate 001_leases"));
    const Ran second = tollgate_with({"migrate", "--json"}, owner);
    CHECK(second.code == 0);
    CHECK(second.out == "{\"applied\":0,\"steps\":[],\"journal_started_anew\":false}\n");
    const Ran nobody = tollgate_with({"migrate", "--grant-to", "nobody_here"}, owner);
    CHECK(nobody.code == 3);
    CHECK_THAT(nobody.err, Catch::Contains("there is no login \"nobody_here\""));
    const Ran of_one = tollgate_with({"migrate", "--grant-to", "nobody_here=billing"}, owner);
    CHECK_THAT(of_one.err, Catch::Contains("there is no login \"nobody_here\""));
    for (const std::string wrong : {"a,a=billing", "=billing", "a,,b"}) {
        INFO(wrong);
        const Ran refused = tollgate_with({"migrate", "--grant-to", wrong}, owner);
        CHECK(refused.code == 2);
        CHECK_THAT(refused.err, Catch::Contains("each login is named once"));
    }
}

TEST_CASE("a login that may not migrate is told so before anything is made") {
    const test::Database database;
    auto owner = postgres::Connection::open(database.owner());
    REQUIRE(owner.has_value());
    const std::string login = database.name() + "_plain";
    owner->execute_script(
        fmt::format("create role {0} login; grant create on database {1} to {0}", login, database.name()));
    const Ran ran = tollgate_with(
        {"migrate"}, {{"TOLLGATE_DATABASE_URL", test::url_for(database.name(), login).reveal()}});
    owner->execute_script(
        fmt::format("revoke all on database {1} from {0}; drop role {0}", login, database.name()));
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, Catch::Contains("may not create roles"));
    CHECK(owner->execute("select to_regnamespace('tollgate') is null").only().get<bool>(0));
}

TEST_CASE("output that cannot be written is a failure") {
    for (const char* const into : {">/dev/full", ">&-"}) {
        ChildProcess process{"/bin/sh",
                             {"-c", fmt::format("exec \"$0\" --help {}", into), test::built("tollgate")}};
        CHECK(process.wait() == 1);
        CHECK_THAT(process.err(), Catch::Contains("could not be written"));
    }
}

TEST_CASE("with its standard streams closed it writes into nothing of its own") {
    const test::Database database;
    ChildProcess process{
        "/bin/sh",
        {"-c", "exec \"$0\" migrate --grant-to nobody_here 0<&- 1>&- 2>&-", test::built("tollgate")},
        {{"TOLLGATE_DATABASE_URL", database.owner().url.reveal()}}};
    // What it would have said went nowhere, and not to the server: that would have ended the connection.
    CHECK(process.wait() == 3);
}

TEST_CASE("an argument's control characters do not reach the terminal") {
    const Ran ran = tollgate_with({"migrate", "--x\x1b[2J\ny"});
    CHECK(ran.code == 2);
    CHECK(ran.err == "tollgate: unknown flag --x\\x1b[2J\\x0ay; --help lists them\n");
}

TEST_CASE("a database that cannot be reached is told with its address and exit code 5") {
    const Ran ran =
        tollgate_with({"migrate"}, {{"TOLLGATE_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x"}});
    CHECK(ran.code == 5);
    CHECK_THAT(ran.err, Catch::Contains("127.0.0.1:1/x") && !Catch::Contains("hunter2"));
}
