#include "load/database.hpp"

namespace tollgate::load {

postgres::Connection open_database(const Surroundings& surroundings, const char* application) {
    return must(postgres::Connection::open(
        {.url = Secret{surroundings.database_url}, .application_name = application}));
}

}  // namespace tollgate::load
