import ConfigurationFile
import Testing

struct ConfigurationChangeTests {
    private static let smallest = """
        agent: {state_dir: /s, socket: /run/a.sock}
        trust: {anchors: /a}
        tokens: {issuer: "https://ws.example"}

        """

    private func read(_ text: String) throws(ConfigurationError) -> AgentConfiguration {
        try AgentConfiguration(bytes: Array(text.utf8), environment: [:], hostname: "ws")
    }

    private func change(_ old: String, _ new: String) throws(ConfigurationError) -> ConfigurationChange {
        ConfigurationChange(from: try read(old), to: try read(new))
    }

    @Test func theSameIsNoChange() throws {
        let same = try change(Self.smallest, "# said otherwise\n" + Self.smallest)
        #expect(same.effective == [] && same.deferred == [])
    }

    @Test(arguments: [
        ("clients: {records: {uid: 1000}}\n", "clients"), ("clients: {}\n", "clients"), ("log: {level: debug}\n", "log.level"),
    ])
    func whatTakesEffectAtOnceIsNamed(_ more: String, _ key: String) throws {
        let there = try change(Self.smallest, Self.smallest + more)
        #expect(there.effective == [key] && there.deferred == [])
        #expect(try change(Self.smallest + more, Self.smallest) == there)
    }

    @Test func budgetsTakeEffectAtOnceAndTheRestOfTheirSectionDoesNot() throws {
        let budgets = Self.smallest.replacing("a.sock", with: "a.sock, budgets: {pins: 7}")
        #expect(try change(Self.smallest, budgets).effective == ["agent.budgets"])
        #expect(try change(Self.smallest, budgets).deferred == [])
        let both = try change(Self.smallest, budgets.replacing("/s,", with: "/other,"))
        #expect(both.effective == ["agent.budgets"])
        // Files stand in the state folder unless it is said where.
        #expect(both.deferred == ["agent.state_dir", "audit", "degraded"])
    }

    @Test(arguments: [
        ("sessions: {max: 8h}\n", ["sessions.max"]), ("cards: {after_use: leave}\n", ["cards.after_use"]),
        ("readers: {allow: [one, other]}\n", ["readers.allow"]),
        ("trust: {anchors: /a, revocation: {max_age: 2d}}\n", ["trust.revocation.max_age"]),
        ("break_glass: {review_within: 2d}\n", ["break_glass.review_within"]),
        ("audit: {forward: {site: {journal: true}}}\n", ["audit.forward.site.journal"]),
        ("mobile: {session: 2h, inactivity: 10m}\n", ["mobile.inactivity", "mobile.session"]),
        ("metrics: {listen: 127.0.0.1:9109}\n", ["metrics.listen"]),
    ])
    func whatWaitsForAStartIsNamed(_ more: String, _ keys: [String]) throws {
        let base = more.hasPrefix("trust") ? Self.smallest.replacing("trust: {anchors: /a}\n", with: "") : Self.smallest
        let there = try change(Self.smallest, base + more)
        #expect(there.effective == [] && there.deferred == keys)
        #expect(try change(base + more, Self.smallest) == there)
    }

    @Test func aValueThatIsSaidInOtherWordsIsTheSame() throws {
        let same = try change(Self.smallest + "sessions: {max: 8h}\n", Self.smallest + "sessions: {max: 28800}\n")
        #expect(same.deferred == [])
    }

    @Test func aSectionThatFollowsAnotherIsNamedAsAWhole() throws {
        let issuer = try change(Self.smallest, Self.smallest.replacing("ws.example", with: "other.example"))
        // The origin of the log is made of the issuer.
        #expect(issuer.deferred == ["audit", "tokens.issuer"])
    }
}
