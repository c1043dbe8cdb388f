# gnocchi_add_plugin(NAME PROVIDES kind:driver... SOURCES files... [LIBRARIES targets...])
#
# Builds NAME.so, a plugin that serves the named drivers, and a link <kind>-<driver>.so for every
# driver whose file name is not NAME.so already: the loader looks a driver up by that name.
function(gnocchi_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROVIDES;SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_PROVIDES OR NOT arg_SOURCES)
    message(FATAL_ERROR "gnocchi_add_plugin(${name}): PROVIDES and SOURCES are needed")
  endif()
  if(NOT DEFINED GNOCCHI_PLUGIN_OUTPUT_DIRECTORY)
    set(GNOCCHI_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Gnocchi::plugin-api ${arg_LIBRARIES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_options(${name} PRIVATE -Wl,--no-undefined)
  set_target_properties(${name} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${GNOCCHI_PLUGIN_OUTPUT_DIRECTORY})
  foreach(driver IN LISTS arg_PROVIDES)
    string(REPLACE ":" "-" link ${driver})
    string(REPLACE "authenticator-" "auth-" link ${link})
    if(NOT link STREQUAL name)
      add_custom_command(TARGET ${name} POST_BUILD COMMAND ${CMAKE_COMMAND} -E create_symlink
        ${name}.so ${GNOCCHI_PLUGIN_OUTPUT_DIRECTORY}/${link}.so)
    endif()
  endforeach()
endfunction()
