// A folder that is edited while it serves, the ways editors and git do it.
#include "agent/profile/profile_files.hpp"
#include "profile_folder.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

#include <atende/agent/live_profile.hpp>
#include <new>

namespace atende::test {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

class live_profile_test : public ::testing::Test {
protected:
    profile_folder folder;
    event_loop loop; // outlives the thread whose work answers to it
    asio::thread_pool files{1};
    std::optional<live_profile> live;
    std::optional<task_group> tasks;
    std::vector<std::string> taken; // prompts, in the order they came into force
    std::string refusal;            // of the taker
    bool thrown = false;            // by the taker

    void SetUp() override { folder.write_good(); }
    void TearDown() override {
        if (tasks) loop.await(tasks->finish(std::chrono::seconds(0)));
    }

    // Serves from here on what the folder holds now.
    void serve() {
        const auto first = folder.read(profile_use::serve);
        ASSERT_TRUE(first.read);
        live_profile_settings settings{.folder = folder.path()};
        settings.quiet = std::chrono::milliseconds(30);
        live.emplace(loop.executor(), files, settings, first,
                     [this](const std::shared_ptr<const profile>& next) -> result<void> {
                         if (thrown) throw std::bad_alloc();
                         if (!refusal.empty()) return fail(errc::invalid_input, refusal);
                         taken.push_back(next->agents.front().prompts.front().prompt);
                         return {};
                     });
        tasks.emplace(loop.executor());
        tasks->start("profile", live->run());
    }
    bool in_force(const std::string& prompt) {
        return loop.until([&] { return live->serving().agents.front().prompts.front().prompt == prompt; });
    }
    bool refused() {
        return loop.until([&] { return !live->refused().empty(); });
    }
};

TEST_F(live_profile_test, takes_a_change_and_refuses_a_wrong_one) {
    serve();
    folder.write("prompt.md", "Novo.");
    ASSERT_TRUE(in_force("Novo."));
    EXPECT_THAT(live->refused(), IsEmpty());

    folder.write("prompt.md", "Oi {{shpo}}");
    ASSERT_TRUE(refused());
    EXPECT_EQ(live->refused().front().file, "prompt.md");
    EXPECT_EQ(live->serving().agents.front().prompts.front().prompt, "Novo.");

    folder.write("prompt.md", "Certo.");
    ASSERT_TRUE(in_force("Certo."));
    EXPECT_THAT(live->refused(), IsEmpty());
    EXPECT_THAT(taken, ::testing::ElementsAre("Novo.", "Certo."));
}

TEST_F(live_profile_test, a_mistake_in_knowledge_refuses_what_else_has_changed) {
    serve();
    folder.write("knowledge/faq.yaml", "faq:\n  - questions: Oi?\n    answr: Olá\n");
    folder.write("prompt.md", "Novo.");
    ASSERT_TRUE(refused());
    EXPECT_EQ(live->refused().front().file, "knowledge/faq.yaml");
    EXPECT_THAT(taken, IsEmpty());

    folder.write("knowledge/faq.yaml", "faq:\n  - questions: Oi?\n    answer: Olá\n");
    ASSERT_TRUE(in_force("Novo."));
    EXPECT_THAT(live->refused(), IsEmpty());
}

TEST_F(live_profile_test, a_file_that_nobody_reads_is_refused_until_it_is_gone) {
    folder.write("parts/estilo.md", "");
    serve();
    for (const auto* name : {"parts/a.txt", "knowledge/a.pdf"}) {
        folder.write(name, "");
        ASSERT_TRUE(refused()) << name;
        EXPECT_EQ(live->refused().front().file, name);
        fs::remove(folder.path() / name);
        ASSERT_TRUE(loop.until([&] { return live->refused().empty(); })) << name;
    }
    EXPECT_THAT(taken, IsEmpty());
}

TEST_F(live_profile_test, going_back_to_what_serves_clears_the_fault) {
    serve();
    folder.write("prompt.md", "{{");
    ASSERT_TRUE(refused());
    folder.write_good();
    EXPECT_TRUE(loop.until([&] { return live->refused().empty(); }));
    EXPECT_THAT(taken, IsEmpty());
}

TEST_F(live_profile_test, sees_a_file_that_was_renamed_into_place) {
    serve();
    folder.write("prompt.md.tmp", "Renomeado.");
    fs::rename(folder.path() / "prompt.md.tmp", folder.path() / "prompt.md");
    EXPECT_TRUE(in_force("Renomeado."));
}

TEST_F(live_profile_test, sees_a_folder_that_was_replaced) {
    serve();
    const auto aside = folder.path().parent_path() / "antes";
    folder.write("prompt.md", "Primeiro.");
    ASSERT_TRUE(in_force("Primeiro.")); // it watches by now
    fs::rename(folder.path(), aside);
    folder.write_good();
    folder.write("prompt.md", "De outra versão.");
    ASSERT_TRUE(in_force("De outra versão."));
    folder.write("prompt.md", "E na pasta nova."); // which is watched, too
    EXPECT_TRUE(in_force("E na pasta nova."));
}

TEST_F(live_profile_test, sees_a_link_that_points_elsewhere) {
    const auto link = folder.path().parent_path() / "atual";
    fs::create_directory_symlink("loja", link);
    const auto first = read_profile(link, profile_use::serve);
    live_profile_settings settings{.folder = link};
    settings.quiet = std::chrono::milliseconds(30);
    live.emplace(loop.executor(), files, settings, first, [](const auto&) { return result<void>(); });
    tasks.emplace(loop.executor());
    tasks->start("profile", live->run());
    fs::copy(folder.path(), folder.path().parent_path() / "loja-2");
    std::ofstream(folder.path().parent_path() / "loja-2/prompt.md") << "Segunda.";
    fs::create_directory_symlink("loja-2", link.string() + ".new");
    fs::rename(link.string() + ".new", link);
    EXPECT_TRUE(in_force("Segunda."));
}

TEST_F(live_profile_test, sees_parts_in_folders_that_come_later) {
    serve();
    folder.write("parts/estilo.md", "Breve.");
    folder.write("prompt.md", "{{> estilo}}");
    ASSERT_TRUE(in_force("Breve."));
    folder.write("parts/estilo.md", "Longo.");
    ASSERT_TRUE(in_force("Longo."));
    fs::remove(folder.path() / "parts/estilo.md");
    ASSERT_TRUE(refused());
    folder.write("../shared/parts/estilo.md", "De todos.");
    ASSERT_TRUE(in_force("De todos."));
    folder.write("../shared/parts/estilo.md", "De todos, outra vez.");
    EXPECT_TRUE(in_force("De todos, outra vez."));
}

TEST_F(live_profile_test, other_rights_are_a_change) {
    const auto before = stamp_of(folder.path()).of_files;
    EXPECT_TRUE(loop.until([&] { // the file system's clock has to tick once
        fs::permissions(folder.path() / "prompt.md", fs::perms::owner_all);
        return stamp_of(folder.path()).of_files != before;
    }));
}

TEST_F(live_profile_test, other_rights_are_noticed_at_once) {
    serve();
    refusal = "no";
    folder.write("prompt.md", "Novo.");
    ASSERT_TRUE(refused());
    refusal.clear();
    fs::permissions(folder.path() / "prompt.md", fs::perms::owner_all);
    EXPECT_TRUE(in_force("Novo."));
}

TEST_F(live_profile_test, what_the_taker_refuses_does_not_serve) {
    serve();
    refusal = "no script.yaml to play offline";
    folder.write("prompt.md", "Novo.");
    ASSERT_TRUE(refused());
    EXPECT_NE(live->serving().agents.front().prompts.front().prompt, "Novo.");
}

TEST_F(live_profile_test, what_the_taker_throws_does_not_end_it) {
    serve();
    thrown = true;
    folder.write("prompt.md", "Novo.");
    ASSERT_TRUE(refused());
    EXPECT_EQ(live->refused().front().what.english, std::bad_alloc().what());
    thrown = false;
    folder.write("prompt.md", "Mais novo.");
    EXPECT_TRUE(in_force("Mais novo."));
    EXPECT_THAT(live->refused(), IsEmpty());
}

TEST_F(live_profile_test, a_file_larger_than_the_memory_is_refused_and_what_follows_is_taken) {
    serve();
    folder.write("knowledge/export.txt", "");
    fs::resize_file(folder.path() / "knowledge/export.txt", 20ULL << 30U);
    ASSERT_TRUE(refused());
    EXPECT_EQ(live->refused().front().file, "knowledge/export.txt");
    fs::remove(folder.path() / "knowledge/export.txt");
    folder.write("prompt.md", "Novo.");
    EXPECT_TRUE(in_force("Novo."));
}

TEST_F(live_profile_test, a_change_between_reading_and_serving_is_not_lost) {
    const auto first = folder.read(profile_use::serve);
    folder.write("prompt.md", "Logo depois.");
    live_profile_settings settings{.folder = folder.path()};
    live.emplace(loop.executor(), files, settings, first, [](const auto&) { return result<void>(); });
    tasks.emplace(loop.executor());
    tasks->start("profile", live->run());
    EXPECT_TRUE(in_force("Logo depois."));
}

// A network's file system, or no watches left: the folder is looked at now and then.
TEST_F(live_profile_test, a_deaf_inotify_only_takes_longer) {
    const auto elsewhere = folder.path() / "disco";
    fs::create_directories(elsewhere);
    fs::rename(folder.path() / "prompt.md", elsewhere / "prompt.md");
    fs::create_symlink(elsewhere / "prompt.md", folder.path() / "prompt.md");
    live_profile_settings settings{.folder = folder.path()};
    settings.at_most = std::chrono::milliseconds(20);
    live.emplace(loop.executor(), files, settings, folder.read(profile_use::serve),
                 [](const auto&) { return result<void>(); });
    tasks.emplace(loop.executor());
    tasks->start("profile", live->run());
    std::ofstream(elsewhere / "prompt.md") << "Escrito onde ninguém olha.";
    EXPECT_TRUE(in_force("Escrito onde ninguém olha."));
}

} // namespace
} // namespace atende::test
