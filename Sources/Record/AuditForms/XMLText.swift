/// Writes XML 1.0 in one line. What XML cannot hold at all is replaced by U+FFFD.
struct XMLText {
    private(set) var text = ""

    mutating func element(_ name: String, _ attributes: [(String, String)], _ content: (inout XMLText) -> Void = { _ in }) {
        text += "<\(name)"
        for (name, value) in attributes { text += " \(name)=\"\(Self.escaped(value))\"" }
        var inner = XMLText()
        content(&inner)
        text += inner.text.isEmpty ? "/>" : ">\(inner.text)</\(name)>"
    }

    mutating func element(_ name: String, text content: String) { text += "<\(name)>\(Self.escaped(content))</\(name)>" }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t": escaped += "&#9;"
            case "\n": escaped += "&#10;"
            case "\r": escaped += "&#13;"
            // XML 1.0 §2.2.
            case "\u{0}"..<"\u{20}", "\u{FFFE}"..."\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
