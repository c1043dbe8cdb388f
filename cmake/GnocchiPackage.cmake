# What cmake --install puts where; included last, when all targets are known. Components: core (the
# shared core and gnocchi-plugin-info), server (the daemons and their tools), one for each plugin,
# devel (what authors of plugins need), operators (units, samples; see packaging/CMakeLists.txt).
include(CMakePackageConfigHelpers)

install(TARGETS gnocchi-plugin-api EXPORT GnocchiTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT core NAMELINK_COMPONENT devel
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT devel)

foreach(program gnocchi-server gnocchi-api gnocchi-metricd)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
install(TARGETS gnocchi-plugin-info EXPORT GnocchiTargets
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT core)
if(TARGET gnocchi-driver-test)
  install(TARGETS gnocchi-driver-test EXPORT GnocchiTargets
          RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT devel)
endif()

install(EXPORT GnocchiTargets NAMESPACE Gnocchi:: DESTINATION ${GNOCCHI_INSTALL_CMAKE_DIR}
        COMPONENT devel)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/GnocchiConfig.cmake.in
  ${CMAKE_BINARY_DIR}/generated/GnocchiConfig.cmake
  INSTALL_DESTINATION ${GNOCCHI_INSTALL_CMAKE_DIR})
# Drivers of another minor version are other drivers while the major version is 0.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/GnocchiConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_BINARY_DIR}/generated/GnocchiConfig.cmake
  ${CMAKE_BINARY_DIR}/generated/GnocchiConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/GnocchiAddPlugin.cmake
  ${CMAKE_CURRENT_LIST_DIR}/CheckPluginExports.cmake
  ${CMAKE_CURRENT_LIST_DIR}/plugin-exports.map
  DESTINATION ${GNOCCHI_INSTALL_CMAKE_DIR} COMPONENT devel)
