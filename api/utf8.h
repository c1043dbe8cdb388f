#pragma once

#include "core/index/utf8.h"

namespace gnocchi::api {

using index::append_utf8;
using index::decode_utf8;
using index::DecodedCharacter;

}  // namespace gnocchi::api
