import DegradedMode
import Primitives
import Testing

struct InitialPasswordTests {
    private func text() -> String {
        let secret = InitialPassword.make(random: SystemRandom())
        return secret.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func itIsFiveGroupsOfThreeSyllables() throws {
        for _ in 0..<200 {
            let groups = text().split(separator: " ", omittingEmptySubsequences: false)
            #expect(groups.count == 5)
            for group in groups {
                #expect(group.utf8.count == 6)
                for (index, letter) in group.enumerated() { #expect((index % 2 == 0 ? "bdfjklnprstv" : "eiou").contains(letter)) }
            }
            _ = try typed(text())
        }
    }

    @Test func everySyllableIsAsLikelyAsTheOthers() {
        var counts: [Substring: Int] = [:]
        for _ in 0..<3200 {
            for group in text().split(separator: " ") {
                for start in [0, 2, 4] { counts[group.dropFirst(start).prefix(2), default: 0] += 1 }
            }
        }
        // 48 000 of 48 kinds: a thousand each, by six standard deviations.
        #expect(counts.count == 48)
        #expect(counts.values.allSatisfy { (810...1190).contains($0) }, "\(counts)")
    }

    @Test func noTwoAreTheSame() { #expect(Set((0..<1000).map { _ in text() }).count == 1000) }
}
