import Foundation
import Glibc
import Primitives

/// A window or a screen that asks for a PIN: the `pinentry` of GnuPG, whichever is installed.
struct Pinentry: ~Copyable {
    enum Answer: ~Copyable {
        case pin(Secret)
        /// The person gave up, or did not answer in time.
        case cancelled
    }

    /// What is installed.
    static let standard = "/usr/bin/pinentry"
    /// For everything that waits for no person.
    private static let patience = Duration.seconds(10)
    /// For a person: a login lives a minute.
    private static let answering = Duration.seconds(58)
    /// libgpg-error: timeout, cancelled, not confirmed, cancelled for good.
    private static let givenUp: Set<UInt32> = [62, 99, 114, 198]

    private var link: AssuanLink

    init(_ program: String, environment: [String: String]) throws(AssuanLink.Failure) {
        var link = try AssuanLink([program], environment: environment)
        try link.greeting(by: PatienceEnd(after: Self.patience))
        for (command, value) in Self.offers(environment) {
            // Not every pinentry knows them all.
            try? link.command(command, value, by: PatienceEnd(after: Self.patience))
        }
        self.link = link
    }

    private static func offers(_ environment: [String: String]) -> [(String, String)] {
        let options = [
            "ttyname": environment["GPG_TTY"] ?? terminal, "ttytype": environment["TERM"],
            "lc-ctype": environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"],
        ]
        return options.compactMap { name, value in value.map { ("OPTION", "\(name)=\($0)") } }
            + [("SETTIMEOUT", "55"), ("SETTITLE", "CPS Agent")]
    }

    /// - Parameter problem: what was wrong with the answer before.
    mutating func ask(_ description: String, prompt: String, problem: String?) throws(AssuanLink.Failure) -> Answer {
        try link.command("SETDESC", description, by: PatienceEnd(after: Self.patience))
        try link.command("SETPROMPT", prompt, by: PatienceEnd(after: Self.patience))
        if let problem { try link.command("SETERROR", problem, by: PatienceEnd(after: Self.patience)) }
        do throws(AssuanLink.Failure) {
            guard let pin = try link.data("GETPIN", by: PatienceEnd(after: Self.answering)) else { return .cancelled }
            return .pin(pin)
        } catch {
            guard Self.isGivenUp(error) else { throw error }
            return .cancelled
        }
    }

    /// Whether the person agrees to a warning.
    mutating func confirm(_ description: String) throws(AssuanLink.Failure) -> Bool {
        try link.command("SETDESC", description, by: PatienceEnd(after: Self.patience))
        do throws(AssuanLink.Failure) {
            try link.command("CONFIRM", by: PatienceEnd(after: Self.answering))
            return true
        } catch {
            guard Self.isGivenUp(error) else { throw error }
            return false
        }
    }

    private static func isGivenUp(_ failure: AssuanLink.Failure) -> Bool {
        guard case .refused(let code, _) = failure else { return failure == .late }
        return givenUp.contains(code)
    }

    /// The terminal of this process, by whichever of its streams is one.
    private static var terminal: String? {
        for descriptor in [STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO] where isatty(descriptor) == 1 {
            var name = [CChar](repeating: 0, count: 256)
            if ttyname_r(descriptor, &name, name.count) == 0 {
                return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        return nil
    }
}
