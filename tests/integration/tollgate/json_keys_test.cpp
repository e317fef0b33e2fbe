// What programs read of the commands about letters, replays, events and books: a key that is there stays,
// with its name. Who adds one adds it here; who would take one away breaks somebody's script.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

std::string keys_of(const boost::json::value& value) {
    if (const auto* const array = value.if_array())
        return array->empty() ? "[]" : "[" + keys_of(array->front()) + "]";
    const auto* const object = value.if_object();
    if (object == nullptr) return "";
    std::string keys;
    for (const auto& [key, inner] : *object) {
        const std::string of_inner = keys_of(inner);
        keys += (keys.empty() ? "" : " ") + std::string{key} + of_inner;
    }
    return "{" + keys + "}";
}

// Of the object, or of the first of the list, that a command prints.
std::string keys_of(const Shell& shell, const std::string& command) {
    const Ran ran = shell(command + " --json");
    INFO(command << ": " << ran.out << ran.err);
    REQUIRE_FALSE(ran.out.empty());
    return keys_of(boost::json::parse(ran.out.substr(0, ran.out.find('\n'))));
}

struct World {
    World() {
        make_consumer(shell);
        event = make_event(shell, acme, "invoice.paid", "{}", "billing").text();
        const Uuid stored = make_event(shell, acme, "invoice.paid", "{}");
        dead = make_letter(shell, {.tenant = acme, .id = stored}).text();
        hold();
    }

    // An event whose id came before, with other content; gives its id.
    std::string hold() const {
        const std::string id = make_uuid_v7().text();
        open(shell.database().owner())
            .execute_script(fmt::format("set tollgate.tenant = '*'; insert into ingress.held (tenant, "
                                        "event_id, source, provider, type, "
                                        "conflicts_with, reason) values ('{}', '{}', 'shop', 'stripe', "
                                        "'invoice.paid', '{}', 'other content')",
                                        acme, id, event));
        return id;
    }

    Shell shell;
    Uuid acme = make_tenant(shell, "acme");
    std::string event;  // that billing is done with
    std::string dead;   // that it has given up
};

constexpr const char* letter =
    "event_id consumer tenant tenant_slug type state cause attempts since changed_at due_at "
    "reason fingerprint hold running topic log{topic partition offset}";
constexpr const char* group = "{consumer fingerprint state count tenants first_seen last_seen sample_reason}";

}  // namespace

TEST_CASE("what programs read of dead letters has the keys that it always had") {
    const World world;
    const Shell& shell = world.shell;
    const std::string one = fmt::format("{{{}}}", letter);
    const std::string all = " --all-tenants --consumer billing";
    CHECK(keys_of(shell, "dead-letter list" + all) == one);
    CHECK(keys_of(shell, "dead-letter groups" + all) == group);
    CHECK(
        keys_of(shell, "dead-letter show --consumer billing " + world.dead) ==
        fmt::format("{{{} headers[[]] failed_attempts[{{attempt at cause outcome reason build}}]}}", letter));
    for (const std::string& verb :
         {"dead-letter export" + all, "dead-letter show --consumer billing --body " + world.dead})
        CHECK(keys_of(shell, verb) == fmt::format("{{{} key_base64 body_base64}}", letter));
    for (const std::string verb : {"discard", "replay"})
        CHECK(keys_of(shell, "dead-letter " + verb + all) ==
              fmt::format("{{dry_run count beyond_limit groups[{}] sample[{}]}}", group, one));
    CHECK(keys_of(shell, "dead-letter discard --execute --reason x" + all) == "{discarded left}");
    make_refused(shell, world.acme);
    CHECK(keys_of(shell, "dead-letter replay --execute --reason x --all-tenants --consumer relay") ==
          "{appended left}");
}

TEST_CASE("what programs read of replays has the keys that it always had") {
    const World world;
    const Shell& shell = world.shell;
    const std::string job =
        "replay consumer state note total started outstanding done died held discarded left failing "
        "actor reason filter{limit state consumer} rate canary stop_on_errors outstanding_max "
        "created_at changed_at ended_at";
    const std::string order = "dead-letter replay --all-tenants --consumer billing --execute --reason x";
    CHECK(keys_of(shell, order) == fmt::format("{{{} left_before beyond_limit}}", job));
    CHECK(keys_of(shell, "replay list --all-tenants") == fmt::format("{{{}}}", job));
    const std::string id = json_text(shell("replay list --all-tenants --json").out, "replay");
    for (const std::string verb :
         {"show ", "pause --reason x ", "resume --reason x ", "abort --reason x ", "watch "})
        CHECK(keys_of(shell, "replay " + verb + id) == fmt::format("{{{}}}", job));
    const std::string redo = "redo --consumer billing --id " + world.event;
    CHECK(keys_of(shell, redo) == "{dry_run count sample[]}");
    CHECK(keys_of(shell, redo + " --execute --reason x") == "{started left not_started go_on_since}");
}

TEST_CASE("what programs read of events that are held has the keys that it always had") {
    const World world;
    const Shell& shell = world.shell;
    const std::string keys =
        "event_id tenant source provider type provider_event_id conflicts_with reason held_at state "
        "settled_at settled_by";
    const std::string one = fmt::format("{{{}}}", keys);
    CHECK(keys_of(shell, "held list --all-tenants") == one);
    const std::string id = json_text(shell("held list --all-tenants --json").out, "event_id");
    CHECK(keys_of(shell, "held show " + id) == one);
    // Of the first the bytes are still stored, of the other not.
    CHECK(keys_of(shell, "held show --bodies " + id) ==
          fmt::format("{{{} held first{{headers body_base64}}}}", keys));
    CHECK(keys_of(shell, "held release --reason x " + id) == one);
    CHECK(keys_of(shell, "held discard --reason x " + world.hold()) == one);
    for (const std::string verb : {"release", "discard"}) {
        world.hold();
        CHECK(keys_of(shell, "held " + verb + " --all --all-tenants --reason x") == "{events}");
    }
}

TEST_CASE("what programs read of events and books has the keys that it always had") {
    const World world;
    const Shell& shell = world.shell;
    const std::string event =
        "event_id received_at tenant tenant_slug source provider type provider_event_id subject "
        "withheld";
    CHECK(keys_of(shell, "event list --all-tenants") == fmt::format("{{{}}}", event));
    CHECK(keys_of(shell, "event show " + world.dead) ==
          fmt::format(
              "{{{} provider_time ordering_key content_type account mode proof secret received_from bytes "
              "consumers[{{consumer state attempts reason due_at}}] journal[] "
              "story[{{at what consumer detail}}]}}",
              event));
    CHECK(keys_of(shell, "event body " + world.event) == "{event_id body_base64}");
    CHECK(keys_of(shell, "audit log --all-tenants") ==
          "{id at tenant tenant_slug actor verb arguments{event_id} result{events} reason}");
    const Ran audited = shell("audit --json --audit-patience 1ms");
    std::map<std::string, std::string> kinds;
    std::istringstream lines{audited.out};
    for (std::string line; std::getline(lines, line);) {
        const auto value = boost::json::parse(line);
        kinds[std::string{value.at("kind").as_string()}] = keys_of(value);
    }
    CHECK(kinds["hour"] ==
          "{kind hour tenant tenant_slug accepted accepted_conflicts duplicates in_doubt stored withheld "
          "payments "
          "published payments_published consumers[{consumer due taken settled retrying held dead}]}");
    CHECK(kinds["exception"] == "{kind exception hour tenant tenant_slug consumer number what command}");
    open(shell.database().owner())
        .execute_script(
            "set tollgate.tenant = '*'; insert into ingress.process (process, started_at, counted_until) "
            "values (gen_random_uuid(), now() - interval '2 days', now() - interval '40 seconds')");
    CHECK(keys_of(shell, "audit accept --all-tenants --reason x --audit-patience 1ms") == "{accepted}");
    CHECK(kinds["summary"] ==
          "{kind since until looked_at counted_since published_since bus exceptions accepted_exceptions}");
}
