extension StringProtocol {
    /// Whether it is one line that shows all there is in it: no control or format characters, no line or paragraph separators, and not
    /// blank alone.
    package var isOneLine: Bool {
        var isBlank = true
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
            case .spaceSeparator: break
            default: isBlank = false
            }
        }
        return !isBlank
    }
}
