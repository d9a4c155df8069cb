// A shop with much to tell: the same 2,000 passages and questions in every run.
#pragma once

#include <string>
#include <vector>

namespace atende::bench {

struct shop_file {
    std::string name;
    std::string text;
};

struct shop_question {
    std::string text; // as a customer writes: without accents, in other words than the files
    std::string file; // that has the answer
    std::string says; // what the answer's passage holds and no other does
};

std::vector<shop_file> shop_files();         // 200, with ten sections each: a chunk for each section
std::vector<shop_question> shop_questions(); // 2,000, one for each section

} // namespace atende::bench
