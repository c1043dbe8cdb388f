# Installs gnocchi into a directory of its own, moves that elsewhere, and configures, builds, tests
# and installs a third party's project against it.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
foreach(component core devel)
  run(${CMAKE_COMMAND} --install ${GNOCCHI_BINARY_DIR} --component ${component}
      --prefix ${WORK_DIR}/installed)
endforeach()
# Nothing may depend on where it was installed at first.
file(RENAME ${WORK_DIR}/installed ${WORK_DIR}/prefix)

run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE_DIR} -B ${WORK_DIR}/build
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS}
    -DGNOCCHI_SANITIZE=${SANITIZE} -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix
    -DCMAKE_INSTALL_PREFIX=${WORK_DIR}/prefix -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${CMAKE_COMMAND} -E chdir ${WORK_DIR}/build ctest --output-on-failure)
message(STATUS "${output}")
foreach(test plugin.storage-memory.manifest plugin.storage-memory.exports
        driver-kit.storage:memory driver-kit.incoming:memory)
  if(NOT output MATCHES "${test} [.]+ +Passed")
    message(FATAL_ERROR "the test ${test} was not run")
  endif()
endforeach()

run(${CMAKE_COMMAND} --install ${WORK_DIR}/build)
file(GLOB_RECURSE plugins RELATIVE ${WORK_DIR}/prefix ${WORK_DIR}/prefix/*-memory.so)
list(LENGTH plugins count)
if(NOT count EQUAL 2)
  message(FATAL_ERROR "installed are ${plugins} instead of the plugin and its other name")
endif()
foreach(plugin IN LISTS plugins)
  run(${WORK_DIR}/prefix/bin/gnocchi-plugin-info ${WORK_DIR}/prefix/${plugin})
endforeach()
