use regex::Regex;

use super::PromqlError;
use super::lex::{Token, lex};
use super::syntax::{Expr, Grouping, Matcher, Matching, Operator, Selector};

/// Expressions nested deeper than this are refused.
const DEPTH: usize = 64;

const AGGREGATIONS: &[&str] = &["sum", "min", "max", "avg", "count"];

/// Reads an expression.
///
/// # Errors
/// What is not in this part of the language, with its place.
pub fn parse(expression: &str) -> Result<Expr, PromqlError> {
    let mut parser = Parser { expression, tokens: lex(expression)?, at: 0, selectors: 0, depth: 0 };
    let expr = parser.binary(0)?;
    if parser.peek().is_some() {
        return Err(parser.error("something after the end"));
    }
    Ok(expr)
}

struct Parser<'a> {
    expression: &'a str,
    tokens: Vec<(usize, Token)>,
    at: usize,
    selectors: usize,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, what: &str) -> PromqlError {
        let at = self.tokens.get(self.at).map_or(self.expression.len(), |(at, _)| *at);
        PromqlError { what: what.into(), at, expression: self.expression.into() }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(is);
        is
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), PromqlError> {
        if self.takes(sign) { Ok(()) } else { Err(self.error(&format!("`{sign}` is missing"))) }
    }

    fn word(&mut self) -> Result<String, PromqlError> {
        let Some(Token::Word(word)) = self.peek() else { return Err(self.error("a name is missing")) };
        let word = word.clone();
        self.at += 1;
        Ok(word)
    }

    fn binary(&mut self, least: u8) -> Result<Expr, PromqlError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("nested too deep"));
        }
        let mut left = self.unary()?;
        while let Some(operator) = self.operator().filter(|o| o.binding() > least) {
            self.at += 1;
            let matching = self.matching()?;
            // `^` groups to the right, all others to the left.
            let right = self.binary(operator.binding() - u8::from(operator == Operator::Power))?;
            left = Expr::Binary { operator, matching, left: Box::new(left), right: Box::new(right) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<Operator> {
        Some(match self.peek()? {
            Token::Word(word) => match word.as_str() {
                "or" => Operator::Or,
                "and" => Operator::And,
                "unless" => Operator::Unless,
                _ => return None,
            },
            Token::Sign(sign) => match *sign {
                "==" => Operator::Equal,
                "!=" => Operator::NotEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessEqual,
                "+" => Operator::Add,
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                "%" => Operator::Modulo,
                "^" => Operator::Power,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn matching(&mut self) -> Result<Matching, PromqlError> {
        let mut matching = Matching::default();
        if self.takes_word("on") {
            matching.on = Some(self.labels()?);
        } else if self.takes_word("ignoring") {
            matching.ignoring = self.labels()?;
        }
        if self.takes_word("group_left") {
            let labels = matches!(self.peek(), Some(Token::Sign("(")));
            matching.group_left = Some(if labels { self.labels()? } else { Vec::new() });
        }
        Ok(matching)
    }

    fn labels(&mut self) -> Result<Vec<String>, PromqlError> {
        let mut labels = Vec::new();
        self.expect("(")?;
        while !self.takes(")") {
            labels.push(self.word()?);
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(labels)
    }

    fn unary(&mut self) -> Result<Expr, PromqlError> {
        if self.takes("-") {
            // Binds looser than `^`, tighter than `*`.
            let of = self.binary(Operator::Multiply.binding())?;
            return Ok(Expr::Negative(Box::new(of)));
        }
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = *number;
                self.at += 1;
                Ok(Expr::Number(number))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.binary(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(Token::Sign("{")) => self.selector(None),
            Some(Token::Word(_)) => self.named(),
            _ => Err(self.error("an expression is missing")),
        }
    }

    fn named(&mut self) -> Result<Expr, PromqlError> {
        let name = self.word()?;
        let next = self.peek().cloned();
        let grouped = matches!(&next, Some(Token::Word(w)) if w == "by" || w == "without");
        if AGGREGATIONS.contains(&name.as_str()) && (grouped || next == Some(Token::Sign("("))) {
            return self.aggregate(name);
        }
        if next != Some(Token::Sign("(")) {
            return self.selector(Some(name));
        }
        self.at += 1;
        let mut arguments = Vec::new();
        while !self.takes(")") {
            arguments.push(self.binary(0)?);
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        let (known, takes) = super::functions::arguments(&name).map_or((false, 0), |takes| (true, takes));
        if !known || arguments.len() != takes {
            return Err(self.error(&format!("no such function: {name} of {} arguments", arguments.len())));
        }
        Ok(Expr::Call(name, arguments))
    }

    fn aggregate(&mut self, operator: String) -> Result<Expr, PromqlError> {
        let before = self.grouping()?;
        self.expect("(")?;
        let of = Box::new(self.binary(0)?);
        self.expect(")")?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or(Grouping::By(Vec::new())),
        };
        Ok(Expr::Aggregate { operator, grouping, of })
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, PromqlError> {
        Ok(if self.takes_word("by") {
            Some(Grouping::By(self.labels()?))
        } else if self.takes_word("without") {
            Some(Grouping::Without(self.labels()?))
        } else {
            None
        })
    }

    fn selector(&mut self, name: Option<String>) -> Result<Expr, PromqlError> {
        let mut matchers = Vec::new();
        if self.takes("{") {
            while !self.takes("}") {
                matchers.push(self.matcher()?);
                if !self.takes(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        let mut range = None;
        if self.takes("[") {
            range = Some(self.duration()?);
            self.expect("]")?;
        }
        let offset = if self.takes_word("offset") { self.duration()? } else { 0 };
        let selector = Selector { name, matchers, offset, number: self.selectors };
        self.selectors += 1;
        Ok(range.map_or_else(|| Expr::Instant(selector.clone()), |range| Expr::Range(selector.clone(), range)))
    }

    fn duration(&mut self) -> Result<i64, PromqlError> {
        let Some(Token::Duration(duration)) = self.peek() else { return Err(self.error("a duration is missing")) };
        let duration = *duration;
        self.at += 1;
        Ok(duration)
    }

    fn matcher(&mut self) -> Result<Matcher, PromqlError> {
        let label = self.word()?;
        let Some(Token::Sign(sign)) = self.peek() else { return Err(self.error("a comparison is missing")) };
        let sign = *sign;
        if !matches!(sign, "=" | "!=" | "=~" | "!~") {
            return Err(self.error("no comparison of labels"));
        }
        self.at += 1;
        let Some(Token::Text(value)) = self.peek() else { return Err(self.error("a text is missing")) };
        let value = value.clone();
        let pattern = if sign.ends_with('~') {
            Some(Regex::new(&format!("^(?s:{value})$")).map_err(|_| self.error("no regular expression"))?)
        } else {
            None
        };
        self.at += 1;
        Ok(Matcher { label, value, pattern, negated: sign.starts_with('!') })
    }
}
