extension String {
    /// The beginning of a text from outside, for a trace or a log: a bound on characters would be none, since a character has no longest form.
    package func cut(toBytes count: Int) -> String {
        utf8.count <= count ? self : String(decoding: utf8.prefix(count), as: UTF8.self)
    }
}
