#include <cstdio>
int main() { std::puts("atende"); }
