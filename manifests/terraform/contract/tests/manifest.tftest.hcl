# Wrong inputs of the module manifest: each differs in one place from those that are right, and fails there.

variables {
  text = "kind: A\nmetadata: {name: a}\n---\nkind: B\nmetadata: {name: b}\n"
}

run "right" {
  command = plan
  module {
    source = "../modules/manifest"
  }
}

run "separator_at_the_start" {
  command = plan
  module {
    source = "../modules/manifest"
  }
  variables {
    text = "---\nkind: A\nmetadata: {name: a}\n"
  }
}

run "empty" {
  command = plan
  module {
    source = "../modules/manifest"
  }
  variables {
    text = ""
  }
  expect_failures = [var.text]
}

run "no_yaml" {
  command = plan
  module {
    source = "../modules/manifest"
  }
  variables {
    text = "kind: {"
  }
  expect_failures = [var.text]
}

run "a_message" {
  command = plan
  module {
    source = "../modules/manifest"
  }
  variables {
    text = "error: there is no hub"
  }
  expect_failures = [var.text]
}

run "without_kind" {
  command = plan
  module {
    source = "../modules/manifest"
  }
  variables {
    text = "metadata: {name: a}"
  }
  expect_failures = [var.text]
}

run "empty_document" {
  command = plan
  module {
    source = "../modules/manifest"
  }
  variables {
    text = "kind: A\nmetadata: {name: a}\n---\n\n---\n"
  }
  expect_failures = [var.text]
}
