import Basics

/// Documents for the comparison with another reader; after the test suite of the TOML project.
enum TOMLCorpus {
  static let valid: [String] = [
    "", "\n\n# only comments\n\t# and blanks\n", "a = 1", "a = 1\r\nb = 2\r\n", "a=1# no blank\n", "a = \"#\" # real\n",
    // Keys.
    "bare_key-1 = 1\n1234 = 2\n-=3\n_=4\n", "\"quoted key\" = 1\n'lit.eral' = 2\n\"\" = 3\n\"\\u00e9\" = 4\n",
    "a.b.c = 1\na.b.d = 2\na . e = 3\na.\"f.g\".'h' = 4\n", "3.14159 = \"pi\"\n", "true = 1\ninf = 2\n1979-05-27 = 3\n",
    "\"\u{e9}\" = 1\n\"e\u{301}\" = 2\n",
    // Strings.
    #"a = "I'm a \"string\". \\ \b\t\n\f\r \u00E9 \U0001F600""#, #"a = 'C:\Users\nodejs' "#.dropLast() + "\n",
    "a = \"\"\"\nRoses\n  Violets\"\"\"\n", "a = \"\"\"\r\nRoses\r\nViolets\"\"\"\r\n",
    "a = \"\"\"\\\n   The quick \\\n\n\n  brown \\  \t\n  fox.\\\n  \"\"\"\n",
    "a = \"\"\"Here are two: \"\". Three: \"\"\\\".\"\"\"\n",
    "a = \"\"\"\"quoted\"\"\"\"\nb = \"\"\"\"\"two\"\"\"\"\"\n", "a = '''\nfirst newline\n  kept \\n'''\n",
    "a = ''''That,' she said''''\nb = '''''x'''''\n", "a = \"\"\"\"\"\"\nb = ''''''\nc = \"\"\nd = ''\n",
    "a = \"\"\"\\\"\"\"\\\"\"\"\"\n", "a = \"tab\there\"\n", "a = \"\u{7f}\"\n".replacing("\u{7f}", with: "\u{80}"),
    "a = \"\"\"x\\\\\"\"\"\n", "a = '\u{1F600}漢字'\n", "a = \"\"\" \\u0041 \\\n\n \"\"\"\n",
    // Integers.
    "a = +99\nb = 0\nc = -17\nd = +0\ne = -0\nf = 1_000\ng = 1_2_3\n",
    "a = 0xDEADBEEF\nb = 0xdead_beef\nc = 0o755\nd = 0b11_01\ne = 0x0\nf = 0o0\ng = 0b0\nh = 0x00ff\n",
    "a = 9223372036854775807\nb = -9223372036854775808\nc = 0x7fffffffffffffff\n",
    // Floats.
    "a = +1.0\nb = 3.1415\nc = -0.01\nd = 5e+22\ne = 1E06\nf = -2E-2\ng = 6.626e-34\nh = 9_224.617_445_991\n",
    "a = inf\nb = +inf\nc = -inf\nd = nan\ne = +nan\nf = -nan\n", "a = 0.0\nb = -0.0\nc = 0e0\nd = 1e400\ne = 1e-400\n",
    "a = 0.1e1_0\nb = 1_0e0_1\nc = 0e+00\n", "a = 5e-324\nb = 1.7976931348623157e308\n",
    // Dates and times.
    "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00-07:00\nc = 1979-05-27T00:32:00.999999-07:00\n",
    "a = 1979-05-27 07:32:00Z\nb = 1979-05-27t07:32:00z\nc = 1979-05-27 07:32:00 # comment\n",
    "a = 1979-05-27T07:32:00\nb = 1979-05-27T00:32:00.999999999\nc = 1979-05-27\nd = 07:32:00\ne = 00:32:00.5\n",
    "a = 1979-05-27 \nb = 2000-02-29\nc = 0001-01-01\nd = 9999-12-31T23:59:59.9+23:59\ne = 1979-05-27T00:00:00-00:00\n",
    // Arrays.
    "a = []\nb = [ ]\nc = [1,2,3]\nd = [1,2,3,]\ne = [ [1], [\"a\", 2.0], [] ]\nf = [{x=1},{}]\n",
    "a = [\n  1, # one\n\n  2,\n  # three\n  3\n]\n", "a = [\n# nothing\n]\n",
    "a = [1979-05-27, 07:32:00, [true], 'x']\n",
    // Tables.
    "[a]\nb = 1\n[c]\nd = 2\n", "[a.b.c]\nd = 1\n[a]\ne = 2\n[a.b]\nf = 3\n",
    "[ a . b ]\n[ a . \"c\" ]\n['d']\n[\"\"]\n",
    "[a]\n[a.b]\n[c.d]\n", "[a]# comment\nb = 1\n\n\t[c]\n\td = 2\n", "[x.y.z.w]\n[x]\n",
    "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true\n",
    "a = { b = 1, c.d = 2, c.e = 3 }\nf = {}\ng = { }\nh = { i = { j = {} } }\n",
    "a = { \"b c\" = [1, {d = 2}], 'e' = \"\"\"\nx\"\"\" }\n",
    "a = {b = [\n1,\n2 # comment\n]}\n", "[a.b.c]\nz=9\n[a]\nb.x = 1\n",
    // Arrays of tables.
    "[[a]]\nb = 1\n[[a]]\n[[a]]\nb = 3\n",
    "[[a]]\n[a.b]\nc = 1\n[[a.d]]\ne = 1\n[[a.d]]\ne = 2\n[[a]]\n[[a.d]]\ne = 3\n",
    "[a]\n[[a.b]]\nc = 1\n[a.b.d]\ne = 2\n[[a.b]]\n[a.b.d]\ne = 3\n", "[[ a . 'b' ]]\n[[a.b]]\n",
    "[[a.b]]\nx=1\n[a]\ny=2\n",
    // Whole files.
    "schema = 1\nid = \"x\"\nmatch = { z = \">=0.5\" }\nwhy = \"\"\"\nSeen at ccxt#27412.\n\"\"\"\n[[inject]]\nplan = \"1*drop\"\n",
  ]

  static let invalid: [String] = [
    "a", "a =", "a = \n", "= 1", "a = 1 b = 2", "a = 1\na = 2", "a.b = 1\na = 2", "a = 1\na.b = 2", "a b = 1",
    "a..b = 1",
    ".a = 1", "a. = 1", "\"a = 1", "'a' 'b' = 1", "\"\"\"a\"\"\" = 1", "é = 1", "a! = 1", "a = 1\r", "a = 1\rb = 2",
    "# \r x",
    "a = \"x", "a = 'x", "a = \"x\ny\"", "a = 'x\ny'", "a = \"\"\"x", "a = '''x", "a = \"\"\"x\"\"", "a = \"\\q\"",
    "a = \"\\x41\"",
    "a = \"\\e\"", "a = \"\\u12\"", "a = \"\\uD800\"", "a = \"\\U00110000\"", "a = \"\\\"", "a = \"\u{0}\"",
    "a = \"\u{1f}\"",
    "a = '\u{7f}'", "a = \"\"\"\u{b}\"\"\"", "a = '''\r'''", "a = \"\"\"\\ x\"\"\"", "a = \"\"\"x\"\"\"\"\"\"",
    "a = '''x''''''", "# \u{7f}",
    "a = 01", "a = +01", "a = 1_", "a = _1", "a = 1__2", "a = 0x", "a = 0x_1", "a = 0x1_", "a = 0xg", "a = +0x1",
    "a = 0X1", "a = 0b2",
    "a = 0o8", "a = --1", "a = ++1", "a = 1a", "a = 0_1", "a = 0b1_", "a = -0o1",
    "a = 1.", "a = .1", "a = 1.e1", "a = 1e", "a = 1e+", "a = 1_.0", "a = 1._0", "a = 1.0_", "a = 1e_1", "a = 1_e1",
    "a = 01.0", "a = +.5",
    "a = 1.2.3", "a = Inf", "a = NaN", "a = ++inf", "a = infinity", "a = 1e1.5", "a = 1e1_", "a = +nan1",
    "a = True", "a = tru", "a = falsee", "a = null", "a = x",
    "a = 1979-05-32", "a = 1979-13-01", "a = 1979-02-29", "a = 1900-02-29", "a = 0000-01-01", "a = 1979-5-27",
    "a = 79-05-27",
    "a = 1979-05-27T", "a = 1979-05-27T25:00:00", "a = 1979-05-27T07:60:00", "a = 1979-05-27T07:32:61",
    "a = 1979-05-27T07:32",
    "a = 07:32", "a = 24:00:00", "a = 07:32:00.", "a = 07:32:00Z", "a = 1979-05-27T07:32:00+24:00",
    "a = 1979-05-27T07:32:00+07",
    "a = 1979-05-27T07:32:00+07:60", "a = 1979-05-27  07:32:00", "a = 1979-05-27X07:32:00", "a = 1979-05-27Z",
    "a = 07:32:00.5Z",
    "a = [1 2]", "a = [1,,2]", "a = [,]", "a = [1", "a = [1,", "a = ]", "a = [1]]", "a = [\n1\n2]", "a = [#]",
    "a = {b = 1,}", "a = {b = 1", "a = {b}", "a = {b = 1 c = 2}", "a = {,}", "a = {b = 1,,c = 2}", "a = {\nb = 1}",
    "a = {b = 1\n}",
    "a = {b = 1, b = 2}", "a = {b = 1, b.c = 2}", "a = {b.c = 1, b = 2}", "a = {b = {}, b.c = 1}",
    "a = {b.c = 1, b.c = 2}", "a = {} b",
    "[a]\n[a]", "[a.b]\n[a.b]", "[a]\nb = 1\n[a.b]", "a = 1\n[a]", "a = {}\n[a]", "a = {}\n[a.b]", "a = {}\na.b = 1",
    "a = []\n[[a]]",
    "a = [{}]\n[[a]]", "a = [{}]\n[a.b]", "[a]\n[[a]]", "[[a]]\n[a]", "[[a]]\n[[a.b]]\n[a.b]", "a.b = 1\n[a]",
    "a.b.c = 1\n[a.b]",
    "[a]\nb.c = 1\n[a.b]", "[a.b]\n[a]\nb.c = 1", "[a.b.c]\nz=9\n[a]\nb.c.t = 1", "[a.b.c.d]\nz=9\n[a]\nb.c.d.k.t = 1",
    "[[a.b]]\n[a]\nb.y = 2", "[a]\nb.c = 1\nb = 2", "a.b = 1\n[[a]]", "[a.b]\n[[a]]", "[a", "[a]]", "[[a]", "[[a] ]",
    "[ [a]]", "[]", "[[]]",
    "[a]b = 1", "[a] [b]", "[a.]", "[.a]", "[a..b]", "[a b]", "[a\n]", "[\"a]", "[a]=1", "a=[]\n[a.b]",
    "[x]\ny={}\n[x.y.z]",
    "a = [{b = 1}]\na = 2", "[[a]]\nb = 1\nb = 2", "[fruit]\napple.color = 1\n[fruit.apple]",
  ]

  private static let spice = Array("\"'\\#=[]{},. \t\n\r_-+:aeinfxobTZz0179u".utf8) + [0x00, 0x7F, 0xC3, 0xA9, 0xFF]

  /// A document, mostly a valid one, with one or two bytes changed, taken out, doubled or swapped.
  static func damage(_ random: inout SplitMix) -> [UInt8] {
    let isValid = Int.random(in: 0..<5, using: &random) > 0
    var bytes = Array(((isValid ? valid : invalid).randomElement(using: &random) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
      let i = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[i] = spice.randomElement(using: &random) ?? 0
      case 1: bytes.insert(spice.randomElement(using: &random) ?? 0, at: i)
      case 2: bytes.remove(at: i)
      case 3: bytes.insert(bytes[i], at: i)
      default: bytes.swapAt(i, Int.random(in: 0..<bytes.count, using: &random))
      }
    }
    return bytes
  }
}
