// Files as customers send them: speech by espeak-ng, put into containers by the ffmpeg and sox programs.
#pragma once

#include "support/scratch_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace atende::test {

inline std::string file_contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

class sound_studio {
public:
    // Some five seconds of a customer, as WAV, 22,050 Hz, mono.
    [[nodiscard]] std::string speech() {
        if (speech_.empty()) {
            run("espeak-ng -v pt-br -w speech.wav 'Oi, boa tarde! Eu queria saber se vocês ainda têm a moto, "
                "quanto custa à vista, e se dá para financiar em quarenta e oito meses.'");
            speech_ = file_contents(folder_.path() / "speech.wav");
        }
        return speech_;
    }

    // What `ffmpeg -i speech.wav <arguments> <name>` makes.
    [[nodiscard]] std::string speech_as(const std::string& name, const std::string& arguments = "") {
        static_cast<void>(speech());
        return ffmpeg("-i speech.wav " + arguments, name);
    }

    [[nodiscard]] std::string ffmpeg(const std::string& arguments, const std::string& name) {
        return made_by("ffmpeg -nostdin -v error -y " + arguments + " " + name, name);
    }

    // What the command leaves in that file of its folder.
    [[nodiscard]] std::string made_by(const std::string& command, const std::string& name) {
        run(command);
        return file_contents(folder_.path() / name);
    }

    // What the command prints about the file.
    [[nodiscard]] std::string asked(const std::string& bytes, const std::string& name,
                                    const std::string& command) {
        put(name, bytes);
        return made_by(command + " >answer.txt 2>&1", "answer.txt");
    }

    void put(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
    }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

private:
    void run(const std::string& command) {
        if (std::system(("cd '" + folder_.path().string() + "' && " + command).c_str()) != 0)
            throw std::runtime_error("failed: " + command);
    }

    scratch_folder folder_;
    std::string speech_;
};

} // namespace atende::test
