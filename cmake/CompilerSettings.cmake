# Warnings, sanitizers and ccache for our own code; nothing of this is exported.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(gnocchi-warnings INTERFACE)
target_compile_options(gnocchi-warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  # g++ 12 sees overlaps in std::string that are not there (its bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${GNOCCHI_WERROR}>:-Werror>)

if(GNOCCHI_SANITIZE STREQUAL "address")
  # SOCI does not link with -fsanitize=vptr.
  set(flags -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
      -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    list(APPEND flags -fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer-ignore.txt)
  endif()
elseif(GNOCCHI_SANITIZE STREQUAL "thread")
  set(flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(GNOCCHI_SANITIZE STREQUAL "fuzzer")
  set(flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr)
elseif(GNOCCHI_SANITIZE)
  message(FATAL_ERROR "GNOCCHI_SANITIZE=${GNOCCHI_SANITIZE}: use address, thread or fuzzer")
endif()
if(flags)
  add_compile_options(${flags})
  add_link_options(${flags})
  # Links a hundred programs in a fraction of the time.
  find_program(MOLD mold)
  if(MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()
