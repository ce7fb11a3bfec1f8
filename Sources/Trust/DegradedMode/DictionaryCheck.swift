internal import CPWQuality
package import Primitives
internal import Synchronization

/// What libpwquality and the dictionary of cracklib say of a password. The library holds words in static memory, so one check runs at a
/// time in the whole process; it reads files and may take milliseconds.
package enum DictionaryCheck {
    /// No dictionary could be read: nothing can be said of any password.
    package struct Missing: Error, Hashable, Sendable {
        package init() {}
    }

    /// The same sign so many times in a row is too often; so many neighbours are a sequence.
    private static let mostRepeats: Int32 = 3
    private static let longestSequence: Int32 = 4

    /// Letters without the rest are looked at from so many on: the library calls fewer too short.
    private static let fewestLetters = 6

    private static let turn = Mutex<Void>(())

    /// - Parameters:
    ///   - path: of the dictionary without its suffix; `nil` for the system's.
    ///   - random: makes a text that no dictionary has.
    package static func fault(of password: Password, path: String? = nil, random: any RandomSource) throws(Missing) -> PasswordFault? {
        let verdict = turn.withLock { _ in
            let found = Self.found(password, path)
            let judged = check(unheardOf(random), path)
            shim_wipe_stack()
            return (found: found, hasDictionary: judged != PWQ_ERROR_CRACKLIB_CHECK)
        }
        guard verdict.hasDictionary else { throw Missing() }
        switch verdict.found {
        case 0...: return nil
        case PWQ_ERROR_MAX_CONSECUTIVE, PWQ_ERROR_PALINDROME, PWQ_ERROR_MAX_CLASS_REPEAT: return .repetitive
        case PWQ_ERROR_MAX_SEQUENCE: return .sequence
        default: return .dictionary
        }
    }

    /// A text that only a missing dictionary can be the reason to refuse: no dictionary has it, no sign in it stands beside itself or a
    /// neighbour. It is longer than the library looks at, so that it takes the place of what the library kept.
    private static func unheardOf(_ random: any RandomSource) -> Secret {
        let signs = Array("acegikmoqsuwy02468".utf8)
        var place = 0
        let text = random.bytes(400).map { byte in
            place = (place + 1 + Int(byte) % (signs.count - 1)) % signs.count
            return signs[place]
        }
        return Secret(count: text.count) { $0.copyBytes(from: text) }
    }

    /// Of the password without accents; of what is left without what stands before and after its letters, and of its letters alone:
    /// `B0njour-2026!` is a word with trimmings.
    private static func found(_ password: Password, _ path: String?) -> Int32 {
        let plain = Folding.plain(password.scalars) { _ in true }
        let whole = check(plain.utf8, path)
        guard whole >= 0 else { return whole }
        return isWord(plain.trimmed.utf8, path) || isWord(Folding.plain(plain) { $0.isAlphabetic }.utf8, path)
            ? PWQ_ERROR_CRACKLIB_CHECK : 0
    }

    private static func isWord(_ text: borrowing Secret, _ path: String?) -> Bool {
        text.count >= fewestLetters && check(text, path) == PWQ_ERROR_CRACKLIB_CHECK
    }

    /// An error code of pwquality.h, all below 0; else how good the password is. Lengths and classes are ours to decide: they are switched off.
    private static func check(_ text: borrowing Secret, _ path: String?) -> Int32 {
        guard let settings = pwquality_default_settings() else { return PWQ_ERROR_MEM_ALLOC }
        defer { pwquality_free_settings(settings) }
        for (setting, value) in [
            (PWQ_SETTING_DIFF_OK, 0), (PWQ_SETTING_MIN_LENGTH, 6), (PWQ_SETTING_DIG_CREDIT, 0), (PWQ_SETTING_UP_CREDIT, 0),
            (PWQ_SETTING_LOW_CREDIT, 0), (PWQ_SETTING_OTH_CREDIT, 0), (PWQ_SETTING_MIN_CLASS, 0), (PWQ_SETTING_MAX_CLASS_REPEAT, 0),
            (PWQ_SETTING_GECOS_CHECK, 0), (PWQ_SETTING_USER_CHECK, 0), (PWQ_SETTING_DICT_CHECK, 1),
            (PWQ_SETTING_MAX_REPEAT, mostRepeats), (PWQ_SETTING_MAX_SEQUENCE, longestSequence),
        ] { pwquality_set_int_value(settings, setting, value) }
        if let path { pwquality_set_str_value(settings, PWQ_SETTING_DICT_PATH, path) }
        let line = text.withBytes { bytes in Secret(count: bytes.count + 1) { $0.copyMemory(from: bytes) } }
        return line.withBytes { bytes in
            // A user is named only so that the library does not look up who runs the agent.
            var aux: UnsafeMutableRawPointer?
            return pwquality_check(settings, bytes.bindMemory(to: CChar.self).baseAddress, nil, "cps-agent", &aux)
        }
    }
}
