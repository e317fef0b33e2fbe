// Directories and who is who in them, by command.
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

TEST_CASE("a directory is set, filled, listed and turned off by command") {
    Shell shell;
    REQUIRE(shell("tenant create hill").code == 0);
    CHECK(shell("directory list --all-tenants").code == 3);
    CHECK_THAT(shell("reference map STU-1 S-1 --tenant hill --provider school").err,
               Contains("`tollgate directory set` makes one"));
    CHECK_THAT(shell("directory set --tenant hill --provider scholl").err, Contains("there is no provider"));
    CHECK_THAT(shell("directory set --tenant hill --provider school --url https://a.example/").err,
               Contains("has no {id} in it"));
    for (const char* url :
         {"ftp://a.example/{id}", "https://{id}/x", "https://u:p@h.example/{id}", "not-a-url-{id}"})
        CHECK_THAT(shell(fmt::format("directory set --tenant hill --provider school --url {}", url)).err,
                   Contains("is no URL that a directory can be asked at"));
    const std::string token = shell.file("of_directory", "very-secret-token\n");
    const Ran set =
        shell("directory set --tenant hill --provider school --url https://a.example/{id} --token-file " +
              token + " --json --reason opening");
    CHECK(set.out == R"({"tenant":"hill","provider":"school","url":"https://a.example/{id}","token":true,)"
                     R"("off_at":null,"unmapped":0})"
                     "\n");

    // The school numbers its pupils by itself, and this tenant has not said which school it is.
    CHECK_THAT(shell("reference map STU-1 S-1 --tenant hill --provider school").err, Contains("--within"));
    REQUIRE(shell("source create --tenant hill --provider school --slug upper").code == 0);
    CHECK(shell("reference map STU-1 S-1 --tenant hill --provider school --json").out ==
          "{\"mapped\":1,\"released\":0}\n");
    const std::string file = shell.file("students.csv", "STU-2,S-2\r\n\nSTU-3,S,3\n");
    CHECK(shell("reference map --tenant hill --provider school --file " + file).out ==
          "2 mapped, 0 messages tried again\n");
    CHECK_THAT(shell("reference list --tenant hill").out, Contains("STU-3") && Contains("S,3"));
    CHECK_THAT(shell("reference list --tenant hill").out, Contains("source/upper"));
    CHECK(shell("reference list --tenant hill --unmapped").code == 3);
    CHECK(shell("reference map STU-1 --tenant hill --provider school").code == 2);
    CHECK_THAT(
        shell("reference map --tenant hill --provider school --file " + shell.file("bad", "STU-4\n")).err,
        Contains("line 1"));

    CHECK_THAT(shell("directory off --tenant hill --provider school --reason closing").out, Contains("hill"));
    const auto log = shell("audit log --tenant hill --json").out;
    CHECK_THAT(log, Contains("directory set") && Contains("reference map") && Contains("closing"));
    CHECK_THAT(log, !Contains("very-secret-token"));
    const auto viewer = shell.as("vic", "--role viewer --tenant hill");
    CHECK(shell("reference map STU-1 S-9 --tenant hill --provider school", viewer).code == 4);
    CHECK_THAT(shell("reference list --tenant hill --json", viewer).out,
               Contains(R"("customer":"STU-1","reference":"S-1","told_by":"operator")"));
    const auto stranger = shell.as(
        "sid", "--role viewer --tenant " + json_text(shell("tenant create vale --json").out, "tenant"));
    CHECK(shell("reference list --all-tenants", stranger).code == 3);
}
