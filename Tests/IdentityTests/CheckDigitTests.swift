import Identity
import Testing

struct CheckDigitTests {
    @Test(arguments: ["99900063480", "10003926135"])
    func publishedRPPSNumbersPass(number: String) { #expect(CheckDigits.isRPPS(number)) }

    @Test(arguments: ["10101201234", "9990006348", "999000634800", "9990006348A", "", "99900063481"])
    func otherRPPSNumbersFail(number: String) { #expect(!CheckDigits.isRPPS(number)) }

    @Test(arguments: [
        "99900063480001", "99700237045007", "99700427885006", "10003926135015", "10003926135023", "10003926135031", "10003926135049",
        "10003926135056",
    ])
    func publishedPracticeNumbersPass(number: String) { #expect(CheckDigits.isPracticeRPPS(number)) }

    @Test(arguments: ["10003926135546", "99900063480002", "9990006348000"])
    func otherPracticeNumbersFail(number: String) { #expect(!CheckDigits.isPracticeRPPS(number)) }

    @Test(arguments: ["760021832", "010000024", "2B0000020", "2B0005342", "2B0004246", "2A0000170", "2A0000386", "2A0002606"])
    func publishedFINESSNumbersPass(number: String) { #expect(CheckDigits.isFINESS(number)) }

    @Test(arguments: ["710015953", "2C0000170", "2A0000020", "0B0193488", "76002183", "7600218320"])
    func otherFINESSNumbersFail(number: String) { #expect(!CheckDigits.isFINESS(number)) }

    @Test func companyNumbers() {
        #expect(CheckDigits.isSIREN("187512751"))
        #expect(!CheckDigits.isSIREN("187512752"))
        #expect(CheckDigits.isSIRET("18751275100020"))
        #expect(CheckDigits.isSIRET("39172288100052"))
        #expect(!CheckDigits.isSIRET("11734265010115"))
    }

    @Test func keyCompletesANumber() {
        #expect(CheckDigits.luhnKey(for: "9990006348") == 0)
        #expect(CheckDigits.luhnKey(for: "1000392613501") == 5)
        #expect(CheckDigits.luhnKey(for: "1173426501011") == 7)
        #expect(CheckDigits.luhnKey(for: "") == nil)
        #expect(CheckDigits.luhnKey(for: "12A") == nil)
    }
}
