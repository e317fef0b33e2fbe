// What the providers know, in the form in which the verbs of tenants ask for it.
#pragma once

#include "tenants/secrets.hpp"

namespace tollgate {

const tenants::Catalogue& provider_catalogue();

}  // namespace tollgate
