# For gnocchi's own plugins and for those of others (find_package(Gnocchi) brings this file along).

set(GNOCCHI_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

# gnocchi_add_plugin(NAME PROVIDES kind:driver... SOURCES files... [LIBRARIES targets...]
#                    [NO_INSTALL])
#
# Builds NAME.so, a plugin that serves the named drivers, and a link <kind>-<driver>.so for every
# driver whose file name is not NAME.so already: the loader looks a driver up by that name
# (auth-<driver>.so for an authenticator). All of it is installed into
# ${GNOCCHI_INSTALL_PLUGIN_DIR} as component NAME, unless NO_INSTALL says that it is for tests only.
# The global property GNOCCHI_PLUGINS holds the names of those that are installed.
#
# A symbol that nothing provides fails the link, and nothing but the manifest is exported, not even
# instances of std's templates, so that plugins cannot get into each other's way. Two tests are
# registered: plugin.NAME.manifest (what gnocchi-plugin-info says) and plugin.NAME.exports.
function(gnocchi_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "PROVIDES;SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_PROVIDES OR NOT arg_SOURCES)
    message(FATAL_ERROR "gnocchi_add_plugin(${name}): PROVIDES and SOURCES are needed")
  endif()
  if(NOT DEFINED GNOCCHI_PLUGIN_OUTPUT_DIRECTORY)
    set(GNOCCHI_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  set(exports ${GNOCCHI_CMAKE_DIR}/plugin-exports.map)

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Gnocchi::plugin-api ${arg_LIBRARIES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_options(${name} PRIVATE -Wl,--version-script=${exports})
  if(NOT GNOCCHI_SANITIZE)
    # A sanitizer's runtime is in the program, not in the plugin.
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${exports} GNOCCHI_PROVIDES "${arg_PROVIDES}"
    LIBRARY_OUTPUT_DIRECTORY ${GNOCCHI_PLUGIN_OUTPUT_DIRECTORY})
  if(DEFINED GNOCCHI_PLUGIN_INSTALL_RPATH)
    set_target_properties(${name} PROPERTIES INSTALL_RPATH "${GNOCCHI_PLUGIN_INSTALL_RPATH}")
  endif()
  if(NOT arg_NO_INSTALL)
    set_property(GLOBAL APPEND PROPERTY GNOCCHI_PLUGINS ${name})
    install(TARGETS ${name} LIBRARY DESTINATION ${GNOCCHI_INSTALL_PLUGIN_DIR} COMPONENT ${name})
  endif()

  set(driver_arguments "")
  foreach(driver IN LISTS arg_PROVIDES)
    if(NOT driver MATCHES "^(storage|incoming|indexer|authenticator|coordinator):[a-z][a-z0-9-]*$")
      message(FATAL_ERROR "gnocchi_add_plugin(${name}): PROVIDES ${driver} is not kind:driver")
    endif()
    list(APPEND driver_arguments --driver ${driver})
    string(REPLACE ":" "-" link ${driver})
    string(REGEX REPLACE "^authenticator-" "auth-" link ${link})
    if(NOT link STREQUAL name)
      add_custom_command(TARGET ${name} POST_BUILD COMMAND ${CMAKE_COMMAND} -E create_symlink
        ${name}.so ${GNOCCHI_PLUGIN_OUTPUT_DIRECTORY}/${link}.so)
      if(NOT arg_NO_INSTALL)
        install(FILES ${GNOCCHI_PLUGIN_OUTPUT_DIRECTORY}/${link}.so
                DESTINATION ${GNOCCHI_INSTALL_PLUGIN_DIR} COMPONENT ${name})
      endif()
    endif()
  endforeach()

  add_test(NAME plugin.${name}.manifest
    COMMAND $<TARGET_FILE:Gnocchi::gnocchi-plugin-info> ${driver_arguments} $<TARGET_FILE:${name}>)
  add_test(NAME plugin.${name}.exports
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DPLUGIN=$<TARGET_FILE:${name}>
            -P ${GNOCCHI_CMAKE_DIR}/CheckPluginExports.cmake)
endfunction()

# gnocchi_add_driver_tests(PLUGIN CONFIG file [VOLATILE] [DRIVERS kind:driver...]
#                          [ENVIRONMENT NAME=value...])
#
# Registers a test driver-kit.<kind>:<driver> for each driver (default: all that the plugin
# provides), which runs gnocchi-driver-test on the plugin as it was built. CONFIG is a gnocchi.conf;
# see docs/plugins/authors-guide.md for what is replaced in it. A test whose configuration needs a
# variable of the environment that is not set is reported as skipped, never as passed. VOLATILE: the
# drivers keep nothing over a restart, and are meant to.
function(gnocchi_add_driver_tests plugin)
  cmake_parse_arguments(PARSE_ARGV 1 arg "VOLATILE" "CONFIG" "DRIVERS;ENVIRONMENT")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_CONFIG)
    message(FATAL_ERROR "gnocchi_add_driver_tests(${plugin}): CONFIG is needed")
  endif()
  if(NOT arg_DRIVERS)
    get_target_property(arg_DRIVERS ${plugin} GNOCCHI_PROVIDES)
  endif()
  cmake_path(ABSOLUTE_PATH arg_CONFIG BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set(volatile "")
  if(arg_VOLATILE)
    set(volatile --volatile)
  endif()
  foreach(driver IN LISTS arg_DRIVERS)
    add_test(NAME driver-kit.${driver}
      COMMAND $<TARGET_FILE:Gnocchi::gnocchi-driver-test> --plugin $<TARGET_FILE:${plugin}> --driver ${driver}
              --config ${arg_CONFIG} ${volatile})
    set_tests_properties(driver-kit.${driver} PROPERTIES
      TIMEOUT 300 SKIP_RETURN_CODE 77 LABELS driver-kit ENVIRONMENT "${arg_ENVIRONMENT}")
  endforeach()
endfunction()
