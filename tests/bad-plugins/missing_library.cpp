// Is there when missing_dependency.cpp is linked, and not where the plugin looks for it.
int of_the_missing_library();
int of_the_missing_library() { return 1; }
