import Forwarding
import Foundation
import Primitives
import Testing

struct CommandNoticeTests {
    private func file() -> String { "\(NSTemporaryDirectory())notice-\(UUID().uuidString)" }

    private func failure(_ command: [String], _ bytes: [UInt8] = [1], limit: Duration = .seconds(60)) async -> FetchFailure? {
        do throws(FetchFailure) {
            try await CommandNotice(command, limit: limit).send(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func programReadsTheWholeNoticeAndNoEnvironment() async throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let notice = [UInt8](repeating: 0x61, count: 300_000)
        #expect(await failure(["/bin/sh", "-c", "cat > $0; env >> $0; ls -l /proc/self/fd >> $0", path], notice) == nil)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix(String(repeating: "a", count: 300_000)))
        #expect(!text.contains("HOME=") && !text.contains("agent.sqlite"))
    }

    @Test func programThatReadsNothingHasTakenItAllTheSame() async {
        #expect(await failure(["/bin/true"], [UInt8](repeating: 0, count: 1 << 20)) == nil)
    }

    @Test func programThatFailsHasNotTakenIt() async {
        #expect(await failure(["/bin/sh", "-c", "exit 3"]) == .unreachable("the command ended with code 3"))
    }

    @Test func programThatIsNotThereHasNotTakenIt() async {
        guard case .unreachable? = await failure(["/nowhere/at/all"]) else {
            Issue.record("it was taken")
            return
        }
    }

    @Test func programThatTakesTooLongIsKilledWithWhatItBegan() async {
        #expect(await failure(["/bin/sh", "-c", "sleep 600 & sleep 600"], limit: .milliseconds(50)) == .tooSlow)
    }
}
