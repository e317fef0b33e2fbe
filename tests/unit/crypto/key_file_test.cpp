#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "crypto/keyring.hpp"
#include "support/temporary_folder.hpp"

using Catch::Matchers::Contains;
using tollgate::ErrorCode;
using tollgate::crypto::Keyring;

namespace {

struct Folder : tollgate::test::TemporaryFolder {
    std::filesystem::path file(const std::string& text, mode_t mode) const {
        auto name = path() / "keys";
        std::ofstream{name} << text;
        if (chmod(name.c_str(), mode) != 0) throw std::runtime_error{"chmod failed"};
        return name;
    }
};

const std::string line = "2025 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

std::string refusal(const std::filesystem::path& file) {
    const auto keys = Keyring::load(file);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().code == ErrorCode::misconfigured);
    CHECK_THAT(keys.error().detail, Contains(file.string()));
    return keys.error().detail;
}

}  // namespace

TEST_CASE("a key file that only its owner or its group can read is loaded") {
    const Folder folder;
    for (const mode_t mode : {0600U, 0400U, 0640U, 0440U}) {
        const auto keys = Keyring::load(folder.file(line, mode));
        REQUIRE(keys);
        CHECK(keys->sealing_key_id() == "2025");
        std::filesystem::remove(folder.path() / "keys");
    }
}

TEST_CASE("a key file that others can read or the group can write is refused with the cure") {
    const Folder folder;
    for (const mode_t mode : {0644U, 0604U, 0660U, 0602U, 0777U}) {
        CHECK_THAT(refusal(folder.file(line, mode)), Contains("chmod 600"));
        std::filesystem::remove(folder.path() / "keys");
    }
}

TEST_CASE("the mode that counts is that of the file behind a link") {
    const Folder folder;
    std::filesystem::create_symlink(folder.file(line, 0600), folder.path() / "link");
    CHECK(Keyring::load(folder.path() / "link"));
    folder.file(line, 0644);
    CHECK_THAT(refusal(folder.path() / "link"), Contains("0644"));
}

TEST_CASE("a key file that is not there or no file or too large says which and why") {
    const Folder folder;
    CHECK_THAT(refusal(folder.path() / "absent"), Contains("No such file"));
    chmod(folder.path().c_str(), 0700);
    CHECK_THAT(refusal(folder.path()), Contains("Is a directory"));
    CHECK_THAT(refusal(folder.file(std::string(64 * 1024 + 1, '\n'), 0600)),
               Contains("larger than 65536 bytes"));
}

TEST_CASE("a mistake in a key file is named by file and line") {
    const Folder folder;
    const auto file = folder.file("# first\n" + line + "oops\n", 0600);
    CHECK_THAT(refusal(file), Contains(file.string() + ":3: "));
}
