// Every new and delete of the program goes to mimalloc: small, fast, and it gives memory back. Not under
// sanitizers, which bring an allocator of their own.
#include <mimalloc-new-delete.h>
