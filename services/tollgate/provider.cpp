#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/nearest.hpp"
#include "providers/catalogue.hpp"
#include "providers/facts.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

struct ProviderConfig {
    std::string name;
    bool json = false;
};

bool is_step(const providers::Fact& fact) {
    return fact.name.size() == 1;
}

boost::json::object json_of(const providers::Provider& provider) {
    boost::json::object object{{"name", provider.name}, {"title", provider.title}};
    boost::json::array steps;
    for (const providers::Fact& fact : providers::facts_of(provider.name)) {
        if (is_step(fact)) {
            steps.emplace_back(fact.value);
        } else {
            std::string key{fact.name};
            for (char& c : key) c = c == ' ' ? '_' : c;
            object[key] = fact.value;
        }
    }
    object["set_up"] = std::move(steps);
    return object;
}

process::Exit list(const ProviderConfig& config) {
    std::vector<std::vector<std::string>> rows{{"NAME", "TITLE", "SCHEME", "TOLERANCE"}};
    for (const providers::Provider* const provider : providers::all()) {
        if (config.json) print_json(json_of(*provider));
        rows.push_back({std::string{provider->name}, std::string{provider->title},
                        std::string{providers::fact(provider->name, "scheme")},
                        std::string{providers::fact(provider->name, "tolerance")}});
    }
    if (!config.json) print_table(rows);
    return process::Exit::done;
}

process::Exit show(const ProviderConfig& config) {
    const providers::Provider* const provider = providers::find(config.name);
    if (provider == nullptr) {
        std::vector<std::string_view> known;
        for (const providers::Provider* const each : providers::all()) known.push_back(each->name);
        return process::report(
            "tollgate provider show",
            Error{ErrorCode::not_found,
                  fmt::format("there is no provider \"{}\"{}; `tollgate provider list` has them", config.name,
                              did_you_mean(config.name, known))});
    }
    if (config.json) {
        print_json(json_of(*provider));
        return process::Exit::done;
    }
    std::vector<std::vector<std::string>> rows{{"provider", std::string{provider->title}}};
    for (const providers::Fact& fact : providers::facts_of(provider->name))
        rows.push_back({std::string{fact.name}, std::string{fact.value}});
    print_table(rows);
    return process::Exit::done;
}

}  // namespace

std::vector<process::Command> provider_commands() {
    return {
        {.words = "provider list",
         .summary = "Show the providers that webhooks can come from.",
         .details = "Needs no operator.\n\n  tollgate provider list",
         .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
             auto config = std::make_shared<ProviderConfig>();
             settings.add_flag("json", config->json, "print JSON, one object a line");
             return [config] { return list(*config); };
         }},
        {.words = "provider show",
         .summary = "Show how a provider proves itself, where its events say what, and how to connect it.",
         .details = "Needs no operator.\n\n  tollgate provider show paddle",
         .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
             auto config = std::make_shared<ProviderConfig>();
             settings.add_positional("provider", config->name, "its name: stripe, paddle ...", true);
             settings.add_flag("json", config->json, "print JSON");
             return [config] { return show(*config); };
         }}};
}

}  // namespace tollgate
