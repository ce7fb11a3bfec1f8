import Primitives

/// One rule of a PAM service (pam.conf(5)).
struct PAMRule: Hashable {
    /// `auth`, `account`, `session` or `password`.
    let facility: String
    /// One word, or what stands in brackets, brackets left out.
    let control: String
    /// The file name of the module, without its folder.
    let module: String
    /// As it is written.
    let path: String
    let arguments: [String]

    /// What a success of this module does: how many rules are passed over, or that the stack is done.
    var isDoneBySuccess: Bool { control == "sufficient" || outcome("success") == "done" }
    var skipsOnSuccess: Int { outcome("success").flatMap { Int($0) } ?? 0 }
    /// Whether nobody gets in whom this module refuses.
    var isRequired: Bool {
        ["required", "requisite"].contains(control) || ["die", "bad"].contains(outcome("default") ?? "")
    }

    private func outcome(_ name: String) -> String? {
        control.split(separator: " ").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}

/// The rules of PAM services as they are on this machine.
struct PAMStacks {
    let machine: any Workstation

    static let folder = "/etc/pam.d"
    /// What our own module is called.
    static let module = "pam_cps.so"
    private static let longestFile = 65_536
    private static let deepest = 8
    /// Files that may be read for one service, each as often as it is included.
    private static let mostFiles = 256

    var services: [String] { machine.names(in: Self.folder).filter { !$0.hasPrefix(".") } }

    /// The rules of one file, what it includes put in its place.
    func rules(of service: String) -> [PAMRule] {
        var files = Self.mostFiles
        return rules(of: service, depth: 0, &files)
    }

    private func rules(of service: String, depth: Int, _ files: inout Int) -> [PAMRule] {
        guard depth < Self.deepest, files > 0, let lines = lines(of: service) else { return [] }
        files -= 1
        var rules: [PAMRule] = []
        for words in lines {
            if words.count == 2, words[0] == "@include" {
                rules += self.rules(of: words[1], depth: depth + 1, &files)
                continue
            }
            guard words.count >= 3 else { continue }
            let facility = words[0].hasPrefix("-") ? String(words[0].dropFirst()) : words[0]
            if ["include", "substack"].contains(words[1]) {
                rules += self.rules(of: words[2], depth: depth + 1, &files).filter { $0.facility == facility }
                continue
            }
            let module = words[2].split(separator: "/").last.map { String($0) } ?? words[2]
            rules.append(
                PAMRule(facility: facility, control: words[1], module: module, path: words[2], arguments: Array(words.dropFirst(3))))
        }
        return rules
    }

    /// Whether the file itself has a rule with our module.
    func namesModule(_ service: String) -> Bool {
        lines(of: service)?.contains { $0.count >= 3 && ($0[2] == Self.module || $0[2].hasSuffix("/\(Self.module)")) } ?? false
    }

    /// The words of each line; what stands in brackets is one word.
    private func lines(of service: String) -> [[String]]? {
        guard !service.contains("/"), let bytes = try? machine.contents("\(Self.folder)/\(service)", limit: Self.longestFile) else {
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self).replacing("\\\n", with: " ")
        return text.split(separator: "\n").compactMap { line in
            let words = Self.words(line.prefix { $0 != "#" })
            return words.isEmpty ? nil : words
        }
    }

    private static func words(_ line: Substring) -> [String] {
        var (words, word, isBracketed) = ([String](), "", false)
        for character in line {
            switch character {
            case "[" where word.isEmpty && !isBracketed: isBracketed = true
            case "]" where isBracketed:
                isBracketed = false
                words.append(word)
                word = ""
            case " ", "\t":
                if isBracketed {
                    word.append(" ")
                } else if !word.isEmpty {
                    words.append(word)
                    word = ""
                }
            default: word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }
}
