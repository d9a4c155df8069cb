// Files as customers send them: speech by espeak-ng, put into containers by the ffmpeg and sox programs.
#pragma once

#include "support/scratch_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace atende::test {

inline std::string file_contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

// One for the whole program, because what it makes takes longer than most tests; it makes nothing twice.
class sound_studio {
public:
    static sound_studio& shared() {
        static sound_studio only;
        return only;
    }

    // Some eight seconds of a customer, as WAV, 22,050 Hz, mono. It is "speech.wav" in the folder.
    [[nodiscard]] std::string speech() {
        return made_by(
            "espeak-ng -v pt-br -w speech.wav 'Oi, boa tarde! Eu queria saber se vocês ainda têm a "
            "moto, quanto custa à vista, e se dá para financiar em quarenta e oito meses.'",
            "speech.wav");
    }

    // What `ffmpeg -i speech.wav <arguments> <name>` makes.
    [[nodiscard]] std::string speech_as(const std::string& name, const std::string& arguments = "") {
        return ffmpeg("-i speech.wav " + arguments, name);
    }

    [[nodiscard]] std::string ffmpeg(const std::string& arguments, const std::string& name) {
        static_cast<void>(speech());
        return made_by("ffmpeg -nostdin -v error -y " + arguments + " " + name, name);
    }

    // What the command leaves in that file of the folder.
    [[nodiscard]] std::string made_by(const std::string& command, const std::string& name) {
        const auto [made, is_new] = made_.try_emplace(command);
        if (is_new) {
            run(command);
            made->second = file_contents(folder_.path() / name);
        }
        return made->second;
    }

    // What the command prints about the file.
    [[nodiscard]] std::string asked(const std::string& bytes, const std::string& name,
                                    const std::string& command) {
        put(name, bytes);
        run(command + " >answer.txt 2>&1");
        return file_contents(folder_.path() / "answer.txt");
    }

    void put(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
    }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

private:
    sound_studio() = default;

    void run(const std::string& command) const {
        if (std::system(("cd '" + folder_.path().string() + "' && " + command).c_str()) != 0)
            throw std::runtime_error("failed: " + command);
    }

    scratch_folder folder_;
    std::map<std::string, std::string> made_; // by command
};

} // namespace atende::test
