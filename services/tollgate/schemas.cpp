#include "tollgate/schemas.hpp"

#include <array>

#include "journal/schema.hpp"

namespace tollgate {

postgres::Schemas all_schemas() {
    static const std::array schemas{&postgres::schema(), &journal::schema()};
    return schemas;
}

}  // namespace tollgate
