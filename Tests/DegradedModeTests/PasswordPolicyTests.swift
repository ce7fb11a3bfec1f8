import DegradedMode
import Primitives
import Testing

struct PasswordPolicyTests {
    private let max = PasswordSubject(
        names: ["LIBRE", "Max"], identifiers: ["899900063480", "99900063480", "499900063480001", "local:jdurand"])

    private func fault(_ text: String, isAdministrator: Bool = false) throws -> PasswordFault? {
        let subject = PasswordSubject(names: ["Lecœur-Dupré", "Zoé"], identifiers: ["810001234567"], isAdministrator: isAdministrator)
        return PasswordPolicy.fault(of: try typed(text), for: subject)
    }

    @Test(arguments: [
        "Xq7#mw2Kp!vT", "Xq7#mw2Kpé¤T", "Kx7mWq2PvT9bRd", "mon chat gris dort sous le grand tapis", "ours-lune-velo-pain-cube-roue-miel",
        "Œuf9dur*salé",
    ])
    func theClassesOfTheRulesAreTaken(text: String) throws { #expect(try fault(text) == nil) }

    @Test(
        arguments: [
            ("Xq7#mw2Kp!v", .tooSimple), ("Kx7mWq2PvT9bR", .tooSimple), ("kx7mwq2pvt9brdzz", .tooSimple),
            ("KXWMWQVPVTRBRDZZXXKQ", .tooSimple),
            ("mon chat gris dort sous tapis", .tooSimple),
            // One word seven times, in capitals or not, is one word.
            ("chat chat CHAT Chat chat chat chat", .tooSimple), ("a b c d e f g h i j k l m n o p q r s t u", .tooSimple),
            ("le la un en du de au", .tooSimple), ("e\u{301}e\u{301}e\u{301}e\u{301}A1!", .tooSimple),
            ("1234", .pinLike), ("123456789012345678", .pinLike), ("12 34-56.78/90 12 34", .pinLike), ("٤٥٦٧٨٩٠١٢٣٤٥٦٧", .pinLike),
        ] as [(String, PasswordFault)])
    func theRestIsRefused(text: String, expected: PasswordFault) throws { #expect(try fault(text) == expected) }

    @Test func whoAdministersNeedsSixteenCharacters() throws {
        #expect(try fault("Xq7#mw2Kp!vTr5z", isAdministrator: true) == .tooShortForAdministration)
        // A letter with its accent is one character, however it was typed.
        #expect(try fault("Xq7#mw2Kp!vTrze\u{301}", isAdministrator: true) == .tooShortForAdministration)
        #expect(try fault("Xq7#mw2Kp!vTr5zé", isAdministrator: true) == nil)
    }

    @Test(arguments: [
        "Libre#2026-kWz", "kWz#LIBRE#2026", "kWz-erbiL-2026", "L1bre#kWz-2026", "kWzl!8r3-Tq42", "L.i.b.r.e#Kw2026", "Lïbré#kWz-2026",
        "Max-Qw7#trvZpk", "Qw7#trvZpk-m@x", "MaxLibre-7kWz#", "Ma mere 063480 plait", "Kw#99900063480z", "Kw#084360009zQ",
        "Kw#9-99-00-06z",
        "Kw#4999000634Z", "jdurand#Kw2026", "Kw7#JDur4nd-pq",
    ])
    func nothingBuiltFromTheIdentityIsTaken(text: String) throws {
        #expect(PasswordPolicy.fault(of: try typed(text), for: max) == .identity)
    }

    @Test(arguments: [
        "Lecœur#kWz-2026", "LECOEUR#kWz-26", "Kw2026#dupre-zz", "Kw2026#DUPRÉ-zz", "rueocel-Kw#26", "Zoe-Kw2026#rtq", "Kw2026#rtq éoz",
    ])
    func accentsAndLigaturesHideNothing(text: String) throws { #expect(try fault(text) == .identity) }

    @Test(arguments: ["Maximal#Kw2640q", "ibrel#Kw2640qpx", "Kw99900Z#qprtvw", "le climax du film est un peu fou"])
    func whatOnlyLooksAlikeIsTaken(text: String) throws {
        #expect(PasswordPolicy.fault(of: try typed(text), for: max) == nil)
    }

    @Test(arguments: ["Liwu#Kw2640qpx", "Kw2640qpx#w0rd-wuLI"])
    func shortNamesTogetherAreFound(text: String) throws {
        let subject = PasswordSubject(names: ["Li", "Wu"], identifiers: [])
        #expect(PasswordPolicy.fault(of: try typed(text), for: subject) == .identity)
    }

    @Test(
        arguments: [
            ("Bonjour-2026!", .dictionary), ("B0nj0ur-2026!", .dictionary), ("Hôpital#2026!", .dictionary),
            ("Chirurgien#1974", .dictionary),
            ("Anticonstitutionnellement1!", .dictionary), ("ruojnoB-2026!", .dictionary), ("Xq7#aaaaaaKp!vT", .repetitive),
            ("Xq7#mw12345Kp!vT", .sequence), ("Xq7#2Kk2#7qX", .repetitive),
        ] as [(String, PasswordFault)])
    func theDictionaryIsAsked(text: String, expected: PasswordFault) throws {
        #expect(try fault(text) == nil)
        #expect(try DictionaryCheck.fault(of: typed(text), random: SystemRandom()) == expected)
    }

    @Test(arguments: ["Xq7#mw2Kp!vT", "Kx7mWq2PvT9bRd", "mon chat gris dort sous le grand tapis", "Œuf9dur*salé"])
    func theDictionaryTakesWhatItDoesNotKnow(text: String) throws {
        #expect(try DictionaryCheck.fault(of: typed(text), random: SystemRandom()) == nil)
    }

    @Test func aDictionaryThatIsMissingIsNotTheFaultOfThePassword() throws {
        let password = try typed("Xq7#mw2Kp!vT")
        #expect(throws: DictionaryCheck.Missing.self) {
            _ = try DictionaryCheck.fault(of: password, path: "/nonexistent/dictionary", random: SystemRandom())
        }
    }

    /// Such randomness makes texts of few signs, of neighbours, or of one sign, if nobody sees to it.
    @Test(arguments: [[0], [0, 0x10, 0x01], [0xFF], [1, 2, 3]] as [[UInt8]])
    func aDictionaryThatIsThereIsNeverTakenForMissing(pattern: [UInt8]) throws {
        let random = Repeated(pattern: pattern)
        let password = try typed("Xq7#mw2Kp!vT")
        #expect(try DictionaryCheck.fault(of: password, random: random) == nil)
        #expect(throws: DictionaryCheck.Missing.self) {
            _ = try DictionaryCheck.fault(of: password, path: "/nonexistent/dictionary", random: random)
        }
    }

    @Test func noReasonHoldsAPartOfThePassword() {
        for fault in PasswordFault.allCases { #expect(fault.rawValue.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }) }
    }
}

private struct Repeated: RandomSource {
    let pattern: [UInt8]

    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { pattern[$0 % pattern.count] } }
}
