#include "load/report.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace tollgate::load {

namespace {

std::string number(std::optional<double> value) {
    return value ? fmt::format("{:.4g}", *value) : "-";
}

std::string verdict(const Figure& figure) {
    const auto met = figure.met();
    if (!met) return "-";
    return *met ? "yes" : "SHORT";
}

// In parentheses: braces would make an array of one.
template <typename T>
boost::json::value or_null(const std::optional<T>& value) {
    return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

}  // namespace

std::string to_table(const Figures& figures) {
    std::size_t width = std::string_view{"figure"}.size();
    for (const Figure& figure : figures) width = std::max(width, figure.name.size());
    std::string table = fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:<8}  {}\n", "figure", width, "value",
                                    "baseline", "goal", "unit", "met");
    for (const Figure& figure : figures) {
        table += fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:<8}  {}\n", figure.name, width,
                             number(figure.value), number(figure.baseline), number(figure.goal), figure.unit,
                             verdict(figure));
    }
    return table;
}

std::string to_json(const Figures& figures) {
    boost::json::array rows;
    for (const Figure& figure : figures) {
        rows.push_back(boost::json::object{
            {"name", figure.name},
            {"value", figure.value},
            {"unit", figure.unit},
            {"baseline", or_null(figure.baseline)},
            {"goal", or_null(figure.goal)},
            {"met", or_null(figure.met())},
        });
    }
    return boost::json::serialize(boost::json::object{{"figures", std::move(rows)}});
}

}  // namespace tollgate::load
